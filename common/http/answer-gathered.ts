import { TRPCError } from "@trpc/server";
import { requireGateway } from "../auth/authenticate.ts";
import type { TokenVerifier } from "../auth/internal-token.ts";
import type { Logger } from "../observability/logger.ts";
import {
  answerHeaders,
  type GatheredAnswer,
  type GatheredCall,
  gatheredBounds,
  readGatheredCalls,
  writeGatheredAnswer,
} from "../trpc/gathered-calls.ts";
import { readBody } from "../trpc/read-body.ts";
import { secureJson } from "./security-headers.ts";
import { writeAsReady } from "./write-as-ready.ts";

type Options = {
  /** Answers one as if it had come by itself: with its own span, ids, line in the log, caller and deadline. */
  answer: (request: Request) => Promise<Response>;
  verifier: TokenVerifier;
  logger: Logger;
};

const anyHost = "http://gathered.invalid";
const refusals = { UNAUTHORIZED: 401, PAYLOAD_TOO_LARGE: 413 } as const;

/** Answers calls that the gateway has gathered, each when it is ready. A request that is refused has had no effect. */
export async function answerGathered(request: Request, { answer, verifier, logger }: Options): Promise<Response> {
  const calls = await readCalls(request, verifier);
  if (calls instanceof Response) return calls;
  const { response, write } = writeAsReady(calls.length);
  for (const [position, call] of calls.entries()) {
    answerOne(call, request.signal, answer).then(
      (answered) => write(writeGatheredAnswer(position, answered)),
      (error: unknown) => {
        logger.error({ err: error }, "A gathered call was left without an answer");
        write("");
      },
    );
  }
  return response;
}

async function readCalls(request: Request, verifier: TokenVerifier): Promise<GatheredCall[] | Response> {
  try {
    await requireGateway(request.headers, verifier);
    const calls = readGatheredCalls(await readBody(request, gatheredBounds.maxBodyBytes));
    return calls ?? secureJson({ status: "invalid_input" }, 400);
  } catch (error) {
    const status = error instanceof TRPCError ? Reflect.get(refusals, error.code) : undefined;
    if (typeof status !== "number") throw error;
    return secureJson({ status: "refused" }, status);
  }
}

async function answerOne(
  { path, headers, body }: GatheredCall,
  signal: AbortSignal,
  answer: Options["answer"],
): Promise<GatheredAnswer> {
  const response = await answer(new Request(anyHost + path, { method: "POST", headers, body, signal }));
  return { status: response.status, headers: answerHeaders(response.headers), body: await response.text() };
}
