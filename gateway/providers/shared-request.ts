import { serviceCaller } from "@orderflow/common/auth/caller";
import { internalTokenHeader, type TokenSigner } from "@orderflow/common/auth/internal-token";
import { Unavailable } from "@orderflow/common/errors";
import { currentTrace, outsideEveryScope } from "@orderflow/common/observability/trace-scope";
import { currentDeadline, deadlineHeaders, underOwnDeadline } from "@orderflow/common/resilience/deadline";
import type { Target } from "@orderflow/common/resilience/target";
import {
  type GatheredAnswer,
  type GatheredCall,
  gatheredEndpoint,
  readGatheredAnswer,
  writeGatheredCalls,
} from "@orderflow/common/trpc/gathered-calls";
import { eachLine } from "./each-line.ts";

/** `signal` aborts when its client leaves or its time is over. */
export type LeavingCall = GatheredCall & { signal: AbortSignal };

/** `isRefused`: the service takes no such requests (any more), and has not looked at the calls. */
export type SharedAnswer = GatheredAnswer & { isRefused?: true };

/** A request that takes several calls to a service. It leaves when all of them have joined it. */
export type SharedRequest = {
  /** To be called in the scope of the call: its trace and its deadline go along. */
  join(call: LeavingCall): Promise<SharedAnswer>;
};

type Options = { target: Target; signer: TokenSigner; count: number; over: () => void };
type Settle = { resolve(answer: SharedAnswer): void; reject(error: unknown): void };

const gateway = "gateway";
const retryAfterS = 1;

/** Each call is settled by its own answer, its own signal, or the end of the request. `over` is called once at that end. */
export function createSharedRequest({ target, signer, count, over }: Options): SharedRequest {
  const { service } = target;
  const calls: GatheredCall[] = [];
  const open = new Map<number, Settle>();
  const leaving = new AbortController();
  let joined = 0;
  let left: unknown;
  let latestAt = 0;

  function away(cause: unknown): Unavailable {
    const options = { retryAfterS, cause };
    return new Unavailable("dependency_unavailable", `${service} is not available at the moment`, options);
  }

  function leave(position: number, reason: unknown): void {
    if (!open.has(position)) return; // It has its answer, and is over.
    left = reason;
    take(position)?.reject(reason);
  }

  /** When nobody waits any more but some have left, the service still works for them: it must learn that. */
  function take(position: number): Settle | undefined {
    const settle = open.get(position);
    open.delete(position);
    if (joined === count && open.size === 0 && left !== undefined) leaving.abort(left);
    return settle;
  }

  async function send(): Promise<Response> {
    const token = await signer.sign(serviceCaller(gateway), service);
    const headers = { [internalTokenHeader]: token, "content-type": "application/json", "accept-encoding": "identity" };
    const body = writeGatheredCalls(calls);
    const common = { method: "POST", path: gatheredEndpoint, isSafe: false, isStream: true, isWithoutSpan: true };
    return target.send({ ...common, headers, body, signal: leaving.signal });
  }

  async function settleAll(): Promise<void> {
    const response = await send();
    if (response.status !== 200) return settleRefused(response);
    await eachLine(response, (line) => {
      const [position, answer] = readGatheredAnswer(line);
      take(position)?.resolve(answer);
    });
    throw new Error(`${service} left calls without an answer`);
  }

  /** What is refused as a whole was not looked at: each may be sent by itself. Any other answer leaves that open. */
  async function settleRefused({ status, body }: Response): Promise<void> {
    await body?.cancel();
    if (status < 400 || status >= 500) throw new Error(`${service} answered several calls with ${status}`);
    for (const position of open.keys()) take(position)?.resolve({ status, headers: {}, body: "", isRefused: true });
  }

  async function depart(): Promise<void> {
    try {
      if (open.size > 0) await outsideEveryScope(() => underOwnDeadline(latestAt, settleAll));
    } catch (error) {
      const cause = error instanceof Unavailable ? error : away(error);
      for (const position of open.keys()) take(position)?.reject(cause);
    } finally {
      over();
    }
  }

  return {
    join({ path, headers, body, signal }) {
      const { promise, resolve, reject } = Promise.withResolvers<SharedAnswer>();
      const { timeoutMs } = target.settings.current();
      const deadlineAt = Math.min(currentDeadline(), performance.now() + timeoutMs);
      const { traceparent } = currentTrace();
      const own = { ...headers, ...(traceparent && { traceparent }), ...deadlineHeaders(deadlineAt) };
      const position = calls.push({ path, headers: own, body }) - 1;
      open.set(position, { resolve, reject });
      joined++;
      latestAt = Math.max(latestAt, deadlineAt);
      const isLate = deadlineAt <= performance.now();
      if (isLate || signal.aborted) leave(position, isLate ? away(undefined) : signal.reason);
      else signal.addEventListener("abort", () => leave(position, signal.reason), { once: true });
      if (joined === count) void depart();
      return promise;
    },
  };
}
