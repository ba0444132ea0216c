import type { FollowOptions } from "./calls.ts";
import type { Credentials } from "./credentials.ts";
import type { Fetch } from "./fetch.ts";
import {
  errorOfShape,
  errorOfStatus,
  isErrorShape,
  networkError,
  OrderflowError,
  toOrderflowError,
} from "./orderflow-error.ts";
import { readEventStream, type StreamEvent } from "./read-event-stream.ts";
import { isTransient, maxTryMs, pause, waitAfter } from "./repeat.ts";
import { isUnauthenticated } from "./send-call.ts";

export type Follow = (path: string, input: unknown, options: FollowOptions) => AsyncGenerator<unknown, void>;

type Options = { url: string; fetch: Fetch; credentials: Credentials; timeoutMs: number };

/** Until the server says how long it may be silent. Its pings come each 5 s. */
const defaultSilenceMs = 30_000;

/**
 * Subscriptions over server-sent events, in the wire format of tRPC's `httpSubscriptionLink`. Not by EventSource: that
 * gives up for ever at the first 503, sees neither status nor Retry-After, and in browsers sends no token.
 */
export function createFollow({ url, fetch, credentials, timeoutMs }: Options): Follow {
  async function open(request: OpenStream): Promise<Response> {
    const { path, input, lastEventId, headers, signal } = request;
    const query = input === undefined ? "" : `?input=${encodeURIComponent(JSON.stringify(input))}`;
    const sent = {
      ...headers,
      accept: "text/event-stream",
      ...(lastEventId !== undefined && { "last-event-id": lastEventId }),
    };
    const answer = await fetch(`${url}/trpc/${path}${query}`, { headers: sent, signal });
    const isStream = answer.headers.get("content-type")?.startsWith("text/event-stream");
    if (answer.ok && isStream) return answer;
    const body: unknown = await answer.json().catch(() => undefined);
    const shape = typeof body === "object" && body !== null && "error" in body ? body.error : undefined;
    throw isErrorShape(shape) ? errorOfShape(shape, { path, answer }) : errorOfStatus(answer, path);
  }

  return async function* follow(path, input, { signal, onConnection }) {
    const place: Place = { path, lastEventId: undefined, failures: 0, silenceMs: defaultSilenceMs, isOver: false };
    let refused: Record<string, string> | undefined;
    let isRenewed = false;
    while (!signal?.aborted) {
      onConnection?.({ state: "connecting", ...(place.error && { error: place.error }) });
      const leaving = leaveWith(signal);
      let opening: ReturnType<typeof setTimeout> | undefined;
      let headers: Record<string, string> | undefined;
      try {
        headers = await (refused ? credentials.renew(refused) : credentials.headers());
        if (headers === undefined) throw place.error;
        refused = undefined;
        opening = setTimeout(leaving.leave, Math.min(timeoutMs, maxTryMs));
        const answer = await open({ ...place, input, headers, signal: leaving.signal });
        clearTimeout(opening);
        onConnection?.({ state: "open" });
        isRenewed = false;
        yield* itemsOf(readEventStream(answer, { signal: leaving.signal, silenceMs: () => place.silenceMs }), place);
        if (place.isOver) return;
        place.error = networkError(new Error("the stream broke off"), path);
      } catch (cause) {
        if (signal?.aborted) return;
        place.error = toOrderflowError(cause, path);
        if (headers !== undefined && isUnauthenticated(place.error) && !isRenewed) {
          refused = headers;
          isRenewed = true;
        } else if (!isWorthReconnecting(place.error)) throw place.error;
      } finally {
        clearTimeout(opening);
        leaving.leave();
      }
      place.failures++;
      await pause(waitAfter(place.failures, place.error.retryAfterS), signal);
    }
  };
}

type OpenStream = Place & { input: unknown; headers: Record<string, string>; signal: AbortSignal };

/** How far a subscription has come. */
type Place = {
  path: string;
  lastEventId: string | undefined;
  /** Connections since the last item came. */
  failures: number;
  silenceMs: number;
  isOver: boolean;
  error?: OrderflowError;
};

async function* itemsOf(events: AsyncIterable<StreamEvent>, place: Place): AsyncGenerator<unknown, void> {
  for await (const { event, id, data } of events) {
    if (event === undefined || event === "message") {
      place.failures = 0;
      const item: unknown = JSON.parse(data);
      // Before it is handed over: whoever leaves his loop while he has it has seen it.
      if (id !== undefined) place.lastEventId = id === "" ? undefined : id;
      yield id ? { id, data: item } : item;
    }
    if (event === "connected") place.silenceMs = silenceOf(data) ?? place.silenceMs;
    if (event === "restore-id") place.lastEventId = id;
    if (event === "serialized-error") throw streamError(JSON.parse(data), place.path);
    if (event === "return") {
      place.isOver = true;
      return;
    }
  }
}

function streamError(shape: unknown, path: string): OrderflowError {
  if (isErrorShape(shape)) return errorOfShape(shape, { path });
  return new OrderflowError("The stream ended with an error that cannot be read", {
    reason: "unreadable_answer",
    path,
  });
}

function silenceOf(options: string): number | undefined {
  const { reconnectAfterInactivityMs }: { reconnectAfterInactivityMs?: number } = JSON.parse(options);
  return reconnectAfterInactivityMs;
}

/** A stream is there to stay, so what passes by itself (500 too: a service that is being killed) is waited for. */
function isWorthReconnecting(error: OrderflowError): boolean {
  return isTransient(error) ? error.reason !== "too_many_subscriptions" : error.reason === "internal_error";
}

/** One controller for each connection: leaving it closes that connection and nothing else. */
function leaveWith(signal: AbortSignal | undefined): { signal: AbortSignal; leave: () => void } {
  const controller = new AbortController();
  const leave = () => {
    signal?.removeEventListener("abort", leave);
    controller.abort();
  };
  signal?.addEventListener("abort", leave);
  if (signal?.aborted) leave();
  return { signal: controller.signal, leave };
}
