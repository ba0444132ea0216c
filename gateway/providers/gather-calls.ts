import type { TokenSigner } from "@orderflow/common/auth/internal-token";
import { Unavailable } from "@orderflow/common/errors";
import type { Metrics } from "@orderflow/common/observability/metrics";
import { rejectedCalls } from "@orderflow/common/resilience/circuit";
import { inCallSpan, type Target } from "@orderflow/common/resilience/target";
import { answerHeaders, type GatheredAnswer, gatheredBounds } from "@orderflow/common/trpc/gathered-calls";
import { gatherPause } from "../domain/gather-pause.ts";
import { createSharedRequest, type LeavingCall, type SharedRequest } from "./shared-request.ts";

export type Gathering = {
  /** Rejects with Unavailable when no answer comes, and with what the call's signal aborts with. */
  send(call: LeavingCall): Promise<GatheredAnswer>;
};

type Options = {
  target: Target;
  signer: TokenSigner;
  metrics: Metrics;
  /** How long calls wait for requests under way: one that hangs must not hold up what another instance could answer. */
  patienceMs: number;
};
type Waiting = { call: LeavingCall; go: (shared: SharedRequest | undefined) => void };

/** To each instance, as many as a group commit has lanes: what would wait there for its turn waits here, and goes together. */
const requestsPerInstance = 2;
const callsBuckets = [1, 2, 5, 10, 20, 50, 100, 200];
const retryAfterS = 1;

/**
 * Calls that come while as many requests are under way as the service works at form the next request. It leaves a moment after
 * one that held several, so that those who ask again come along; there is no delay when idle. A call that is alone goes
 * as it always did.
 */
export function createGathering({ target, signer, metrics, patienceMs }: Options): Gathering {
  const { service } = target;
  const sizes = metrics.histogram("gateway_gathered_calls", "Calls sent in one request", callsBuckets, ["target"]);
  const held = metrics.gauge("gateway_waiting_calls", "Calls that wait for the next request", ["target"]);
  const rejected = rejectedCalls(metrics);
  let waiting: Waiting[] = [];
  let underWay = 0;
  let isScheduled = false;
  let leavesAt = 0;
  let impatience: ReturnType<typeof setTimeout> | undefined;
  metrics.onScrape(() => held.set({ target: service }, waiting.length));

  /** Resolves to the request that takes the call along, or to undefined when it goes alone. */
  function turnOf(call: LeavingCall): Promise<SharedRequest | undefined> {
    const { maxConcurrent, maxQueued } = target.settings.current();
    if (waiting.length >= maxConcurrent + maxQueued) {
      rejected.inc({ target: service, reason: "too_many" });
      throw new Unavailable("overloaded", `Too many calls to ${service} are waiting`, { retryAfterS });
    }
    const { promise, resolve, reject } = Promise.withResolvers<SharedRequest | undefined>();
    const leave = () => {
      waiting = waiting.filter((each) => each !== own);
      reject(call.signal.reason);
    };
    const own: Waiting = {
      call,
      go(shared) {
        call.signal.removeEventListener("abort", leave);
        resolve(shared);
      },
    };
    call.signal.addEventListener("abort", leave, { once: true });
    waiting.push(own);
    schedule();
    return promise;
  }

  // One turn of the event loop lets all calls that have already arrived come along.
  function schedule(): void {
    if (isScheduled || waiting.length === 0) return;
    if (!hasRoom()) {
      impatience ??= setTimeout(hurry, patienceMs);
      return;
    }
    isScheduled = true;
    const pauseMs = leavesAt - performance.now();
    if (pauseMs > 0) setTimeout(depart, pauseMs);
    else setImmediate(depart);
  }

  function hurry(): void {
    impatience = undefined;
    if (waiting.length > 0) sendNext();
    schedule();
  }

  const hasRoom = () => underWay < requestsPerInstance * Math.max(1, target.size());

  function depart(): void {
    isScheduled = false;
    while (waiting.length > 0 && hasRoom()) sendNext();
    schedule();
  }

  function sendNext(): void {
    clearTimeout(impatience);
    impatience = undefined;
    const group = waiting.splice(0, countThatFit(waiting));
    const count = group.length;
    underWay++;
    sizes.observe({ target: service }, count);
    const leftAt = performance.now();
    const arrived = () => {
      const now = performance.now();
      leavesAt = now + gatherPause({ calls: count, tookMs: now - leftAt });
      over();
    };
    const shared = count === 1 ? undefined : createSharedRequest({ target, signer, count, over: arrived });
    for (const { go } of group) go(shared);
  }

  function over(): void {
    underWay--;
    schedule();
  }

  return {
    async send(call) {
      const shared = await turnOf(call);
      if (!shared) return sendAlone(target, call).finally(over);
      const { path } = call;
      const answer = await inCallSpan(service, { method: "POST", path }, () => shared.join(call));
      return answer.isRefused ? sendAlone(target, call) : answer;
    },
  };
}

async function sendAlone(target: Target, { path, headers, body, signal }: LeavingCall): Promise<GatheredAnswer> {
  const answer = await target.send({ method: "POST", path, headers, body, signal, isSafe: false, isStream: true });
  return { status: answer.status, headers: answerHeaders(answer.headers), body: await answer.text() };
}

/** At least one, and no more than a request holds. */
function countThatFit(waiting: readonly Waiting[]): number {
  let chars = 0;
  let count = 0;
  for (const { call } of waiting) {
    chars += call.body.length;
    if (count >= gatheredBounds.maxCalls || (count > 0 && chars > gatheredBounds.maxChars)) break;
    count++;
  }
  return count;
}
