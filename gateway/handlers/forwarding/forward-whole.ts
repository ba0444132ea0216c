import { onAbort } from "@orderflow/common/http/on-abort";
import { defaultBounds } from "@orderflow/common/trpc/bounds";
import { answerHeaders, gatheredBounds } from "@orderflow/common/trpc/gathered-calls";
import { boundBody } from "@orderflow/common/trpc/read-body";
import type { SubscriptionSeats } from "@orderflow/common/trpc/subscription-seats";
import { TRPCError } from "@trpc/server";
import type { Call } from "../../domain/read-calls.ts";
import { restoreNames } from "../../domain/restore-names.ts";
import type { Gathering } from "../../providers/gather-calls.ts";
import type { Upstream } from "../../providers/upstream.ts";
import { whileClientSends } from "../limits/load-shedder.ts";
import { endWhenRefused } from "./end-when-refused.ts";
import { type Forwarding, type Incoming, isJsonl } from "./forwarding.ts";
import { type CallLimit, limitCall } from "./limit-call.ts";
import { eventStreamRename, jsonLineRename, renameLines } from "./rename-lines.ts";

type Options = { upstream: Upstream; calls: readonly Call[]; forwarding: Forwarding };

/** Calls of one service, single or batched: the request and its answer pass untouched, unless the answer holds an error. */
export async function forwardWhole(
  { request, calls: { search }, headers, followCaller }: Incoming,
  options: Options,
): Promise<Response> {
  const { upstream, calls, forwarding } = options;
  const gathering = gatheringFor(request, options);
  const body = gathering ? await readText(request) : await readBody(request);
  const limit = limitCall(request.signal, forwarding.deadlineMs);
  try {
    const path = `/trpc/${calls.map(({ procedure }) => procedure).join(",")}${search}`;
    if (gathering && typeof body === "string" && body.length <= gatheredBounds.maxCallChars) {
      const answer = await gathering.send({ path, headers, body, signal: limit.signal });
      limit.lift();
      const content = answer.status === 200 ? answer.body : renamed(answer.body, upstream.service);
      return new Response(content, { status: answer.status, headers: answer.headers });
    }
    const answer = await upstream.send({ method: request.method, path, headers, body, signal: limit.signal });
    const stream = streamed(answer, { ...options, limit, followCaller, isJsonl: isJsonl(request) });
    if (stream) return stream;
    // Whole, so that the deadline covers the body too. Streaming it would cost the same.
    const bytes = await answer.arrayBuffer();
    limit.lift();
    const content = answer.status === 200 ? bytes : renamed(new TextDecoder().decode(bytes), upstream.service);
    return new Response(content, { status: answer.status, headers: answerHeaders(answer.headers) });
  } catch (error) {
    limit.lift();
    throw limit.signal.aborted ? limit.signal.reason : error;
  }
}

const { maxBodyBytes } = defaultBounds;

/** At most 1 MiB, or a TRPCError PAYLOAD_TOO_LARGE. */
export async function readBody(request: Request): Promise<ArrayBuffer | undefined> {
  if (request.method === "GET") return undefined;
  // Whole, so that it can go to another instance. Streaming it costs the gateway a third more.
  return whileClientSends(request, async () => (await boundBody(request, maxBodyBytes)).arrayBuffer());
}

async function readText(request: Request): Promise<string> {
  return whileClientSends(request, async () => (await boundBody(request, maxBodyBytes)).text());
}

/** Where calls like this one travel together. What may be streamed, or is no plain JSON, goes by itself. */
function gatheringFor({ method, headers }: Request, { upstream, calls, forwarding }: Options): Gathering | undefined {
  const { gathering, service } = upstream;
  if (
    !gathering ||
    method !== "POST" ||
    !calls.every(({ procedure }) => forwarding.catalog.isGathered(service, procedure))
  )
    return undefined;
  const isPlain = headers.get("content-type")?.startsWith("application/json") && !headers.has("trpc-accept");
  return isPlain ? gathering : undefined;
}

type Streaming = Options & Pick<Incoming, "followCaller"> & { limit: CallLimit; isJsonl: boolean };

function streamed(
  { body, status, headers: from }: Response,
  { upstream: { service }, forwarding, limit, isJsonl, followCaller }: Streaming,
): Response | undefined {
  if (status !== 200 || body === null) return undefined;
  const headers = answerHeaders(from);
  if (headers["content-type"]?.startsWith("text/event-stream")) {
    const { stopping, streamSeats, recheckMs: everyMs, logger } = forwarding;
    const seat = takeSeat(streamSeats, limit);
    const stopListening = onAbort(stopping, limit.abort);
    const stopLooking = endWhenRefused({ isStillGood: followCaller(), everyMs, logger, end: limit.abort });
    const leave = () => {
      stopLooking();
      stopListening();
      seat[Symbol.dispose]();
    };
    limit.signal.addEventListener("abort", leave, { once: true });
    return new Response(renameLines(body, eventStreamRename(service), limit.abort), { status, headers });
  }
  // The library labels jsonl as application/json: that it was asked for is all that tells it from a whole answer.
  if (!isJsonl) return undefined;
  return new Response(renameLines(body, jsonLineRename(service), limit.lift), { status, headers });
}

/** The service has begun by now: where there is no seat it is left again. */
function takeSeat(seats: SubscriptionSeats, limit: CallLimit): Disposable {
  limit.lift();
  try {
    return seats.take("all");
  } catch (refusal) {
    if (refusal instanceof Error) limit.refuse(refusal);
    throw refusal;
  }
}

function renamed(text: string, service: string): string {
  const answer = parseAnswer(text, service);
  restoreNames(answer, service);
  return JSON.stringify(answer);
}

export function parseAnswer(text: string, service: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new TRPCError({ code: "BAD_GATEWAY", message: `${service} gave no readable answer`, cause });
  }
}
