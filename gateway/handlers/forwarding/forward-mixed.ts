import { TRPCError } from "@trpc/server";
import { getHTTPStatusCode } from "@trpc/server/http";
import { jsonlStreamProducer } from "@trpc/server/unstable-core-do-not-import";
import { restoreNames } from "../../domain/restore-names.ts";
import { type Part, splitBatch } from "../../domain/split-batch.ts";
import { callError, unknownProcedure } from "./call-error.ts";
import { parseAnswer, readBody } from "./forward-whole.ts";
import { type Forwarding, type Incoming, isJsonl } from "./forwarding.ts";
import { limitCall } from "./limit-call.ts";

type Answer = { error: unknown } | { result: { data?: unknown } };

/** Calls of several services: each gets its own batch, and the answers come back in the client's order. */
export async function forwardMixed(incoming: Incoming, forwarding: Forwarding): Promise<Response> {
  const {
    request,
    calls: { calls },
    scope,
  } = incoming;
  const inputs = await readInputs(incoming);
  const answers: Promise<Answer>[] = calls.map(({ name }) =>
    Promise.resolve(callError(unknownProcedure(name), { path: name, traceId: scope.traceId })),
  );
  for (const part of splitBatch(calls, inputs)) {
    const answered = askPart(part, incoming, forwarding);
    for (const [index, position] of part.positions.entries())
      answers[position] = answered.then((all) => all[index] ?? missing(incoming, position));
  }
  if (isJsonl(request)) return jsonLines(answers);
  const merged = await Promise.all(answers);
  const status = getHTTPStatusCode(merged as Parameters<typeof getHTTPStatusCode>[0]);
  return Response.json(merged, { status, headers: { vary: "trpc-accept, accept" } });
}

/** Never rejects: what goes wrong is the answer of each of its calls. */
async function askPart(part: Part, incoming: Incoming, { upstreams, deadlineMs }: Forwarding): Promise<Answer[]> {
  const { request, calls, headers, scope } = incoming;
  const limit = limitCall(request.signal, deadlineMs);
  try {
    const upstream = upstreams.get(part.service);
    if (!upstream) throw new Error(`${part.service} has no upstream`);
    const response = await upstream.send({
      method: request.method,
      ...partRequest(part, request.method),
      headers: plainJson(headers),
      signal: limit.signal,
    });
    const answer = parseAnswer(await response.text(), part.service);
    restoreNames(answer, part.service);
    // A service refuses a batch as a whole with a single answer, which is then each call's.
    return Array.isArray(answer) ? answer : part.positions.map(() => answer as Answer);
  } catch (error) {
    const cause = limit.signal.aborted ? limit.signal.reason : error;
    return part.positions.map((position) =>
      callError(cause, { path: calls.calls[position]?.name ?? "", traceId: scope.traceId }),
    );
  } finally {
    limit.lift();
  }
}

function partRequest({ procedures, inputs }: Part, method: string): { path: string; body: string | undefined } {
  const path = `/trpc/${procedures.join(",")}?batch=1`;
  const json = JSON.stringify(inputs);
  if (method === "GET") return { path: `${path}&input=${encodeURIComponent(json)}`, body: undefined };
  return { path, body: json };
}

/** The parts are merged, so they cannot be streamed to us: jsonl is ours to write. */
function plainJson({ "trpc-accept": _, ...headers }: Record<string, string>): Record<string, string> {
  return headers;
}

/** In the wire format of httpBatchStreamLink: each call is written the moment its service has answered. */
function jsonLines(answers: Promise<Answer>[]): Response {
  const data = answers.map(async (answer) => {
    const settled = await answer;
    if ("error" in settled) return { error: settled.error };
    return { result: Promise.resolve({ data: Promise.resolve(settled.result.data) }) };
  });
  const stream = jsonlStreamProducer({ maxDepth: Number.POSITIVE_INFINITY, data: Object.assign({}, data) });
  return new Response(stream as ReadableStream<Uint8Array>, {
    headers: { "content-type": "application/json", vary: "trpc-accept, accept" },
  });
}

async function readInputs({ request, calls }: Incoming): Promise<Record<string, unknown>> {
  if (request.method === "GET") return parseInputs(new URLSearchParams(calls.search).get("input") ?? "{}");
  if (!request.headers.get("content-type")?.startsWith("application/json")) {
    throw new TRPCError({
      code: "UNSUPPORTED_MEDIA_TYPE",
      message: "A batch for several services is sent as application/json",
    });
  }
  const body = await readBody(request);
  return parseInputs(new TextDecoder().decode(body));
}

function parseInputs(text: string): Record<string, unknown> {
  let inputs: unknown;
  try {
    inputs = JSON.parse(text);
  } catch (cause) {
    throw new TRPCError({ code: "PARSE_ERROR", message: "The inputs of a batch are not JSON", cause });
  }
  if (typeof inputs === "object" && inputs !== null && !Array.isArray(inputs)) return inputs as Record<string, unknown>;
  throw new TRPCError({
    code: "BAD_REQUEST",
    message: "The inputs of a batch are an object with one input per position",
  });
}

function missing({ calls, scope }: Incoming, position: number): Answer {
  const error = new TRPCError({ code: "BAD_GATEWAY", message: "The service left this call without an answer" });
  return callError(error, { path: calls.calls[position]?.name ?? "", traceId: scope.traceId });
}
