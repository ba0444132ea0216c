import type { Instance, InstancePool } from "../discovery/instance-pool.ts";
import { Unavailable } from "../errors.ts";
import type { Logger } from "../observability/logger.ts";
import type { Metrics } from "../observability/metrics.ts";
import { currentTrace, failSpan, withSpan } from "../observability/tracing.ts";
import { type AttemptLimit, callersLimit, ownLimit } from "./attempt-limit.ts";
import { CallFailure, type FailureCause, failureCause } from "./call-failure.ts";
import type { LiveSettings } from "./call-settings.ts";
import { createCircuit } from "./circuit.ts";
import { currentDeadline, deadlineHeaders } from "./deadline.ts";
import { createRetryBudget } from "./retry-budget.ts";

export type OutgoingCall = {
  method: string;
  /** Path and query at the service, from the first slash on. */
  path: string;
  headers: Record<string, string>;
  body?: ArrayBuffer | string | undefined;
  /** Asking twice does no harm: a query, or a mutation that is idempotent. */
  isSafe: boolean;
  /** The caller leaves. What it aborts with is thrown on. */
  signal?: AbortSignal | undefined;
  /**
   * The answer may go on and on: `signal` alone ends it, also with GATEWAY_TIMEOUT when the time until its head is
   * over. Any other answer is read whole within the deadline.
   */
  isStream?: boolean;
  /** It carries calls that have their own spans. */
  isWithoutSpan?: boolean;
};

/** A service that is called, with its own limits. */
export type Target = {
  service: string;
  settings: LiveSettings;
  /** Instances that can be asked. */
  size(): number;
  /** Rejects with Unavailable when no answer comes in time. An answer is an answer whatever its status, 502 and 504 excepted. */
  send(call: OutgoingCall): Promise<Response>;
};

type Options = {
  /** On metrics and in logs; the service's name unless it has several. */
  name: string;
  service: string;
  pool: InstancePool;
  settings: LiveSettings;
  logger: Logger;
  metrics: Metrics;
};

type Try = OutgoingCall & { deadlineAt: number; tried: Set<Instance> };

/** Instances that refuse the connection, asked within one attempt. */
const maxRefusals = 5;
const retryAfterS = 1;
const maxPathInSpan = 120;
/** Who was given less than this is not to blame for being late. */
const blamedAfterMs = 250;

/** Calls go to a live instance, within a deadline, with a breaker, a bound on those under way and few repeats. */
export function createTarget({ name, service, pool, settings, logger, metrics }: Options): Target {
  const circuit = createCircuit({ target: name, settings, logger, metrics });
  const budget = createRetryBudget();
  const failures = metrics.counter("call_failures_total", "Attempts that no answer came to", ["target", "cause"]);
  const repeats = metrics.counter("call_retries_total", "Calls that were made again", ["target"]);

  async function attemptAll(call: Try): Promise<Response> {
    const { maxAttempts, retryDelayMs } = settings.current();
    for (let attempt = 1; ; attempt++) {
      try {
        return await attemptOnce(call);
      } catch (error) {
        if (!(error instanceof CallFailure)) throw error;
        const waitMs = Math.random() * retryDelayMs * 2 ** attempt;
        const isInTime = performance.now() + waitMs < call.deadlineAt;
        // When all have refused the connection, a moment later they will again: who waits had better know at once.
        const mayRepeat = attempt < maxAttempts && call.isSafe && error.failure !== "refused";
        if (!mayRepeat || !isInTime || !budget.take()) throw error;
        repeats.inc({ target: name });
        await Bun.sleep(waitMs);
        // All have been tried: whoever comes back first may answer.
        if (call.tried.size >= pool.size()) call.tried.clear();
      }
    }
  }

  async function attemptOnce(call: Try): Promise<Response> {
    let refusal: CallFailure | undefined;
    for (let refusals = 0; refusals < maxRefusals; refusals++) {
      const instance = pool.choose(call.tried);
      if (!instance) break;
      try {
        return await ask(instance, call);
      } catch (error) {
        if (!(error instanceof CallFailure)) throw error;
        call.tried.add(instance);
        if (error.failure !== "refused") throw error;
        refusal = error;
      }
    }
    throw refusal ?? new CallFailure("refused");
  }

  async function ask(instance: Instance, call: Try): Promise<Response> {
    const limit =
      call.isStream && call.signal ? callersLimit(call.signal, call.deadlineAt) : ownLimit(call, pool.size());
    if (limit.forMs <= 0) throw unanswered(new CallFailure("late"));
    instance.inFlight += 1;
    try {
      const response = await request(instance.url, call, limit);
      if (response.status === 504 && limit.forMs < blamedAfterMs) throw new CallFailure("late");
      if (response.status === 502 || response.status === 504) throw new CallFailure("bad_gateway");
      pool.succeeded(instance);
      return response;
    } catch (error) {
      if (call.signal?.aborted && !limit.isOver()) throw error;
      const cause = causeOf(error, limit.isOver());
      failures.inc({ target: name, cause });
      if (cause === "late" && limit.forMs < blamedAfterMs) throw unanswered(new CallFailure(cause, error));
      if (cause !== "bad_gateway") pool.failed(instance);
      throw new CallFailure(cause, error);
    } finally {
      instance.inFlight -= 1;
      limit.release();
    }
  }

  function unanswered(cause: CallFailure): Unavailable {
    return new Unavailable("dependency_unavailable", `${name} is not available at the moment`, { retryAfterS, cause });
  }

  return {
    service,
    settings,
    size: () => pool.size(),
    send(call) {
      const { timeoutMs, retryRatio } = settings.current();
      const deadlineAt = Math.min(currentDeadline(), performance.now() + timeoutMs);
      if (deadlineAt <= performance.now()) return Promise.reject(unanswered(new CallFailure("late")));
      budget.earn(retryRatio);
      const attempts = () => attemptAll({ ...call, deadlineAt, tried: new Set() });
      const work = () =>
        circuit.enter(attempts).catch((error: unknown) => {
          throw error instanceof CallFailure ? unanswered(error) : error;
        });
      return call.isWithoutSpan ? work() : inCallSpan(service, call, work);
    },
  };
}

/** One span for all attempts: what a caller waits for. */
export function inCallSpan<Answer extends { status: number }>(
  service: string,
  { method, path }: Pick<OutgoingCall, "method" | "path">,
  work: () => Promise<Answer>,
): Promise<Answer> {
  const [route = ""] = path.split("?", 1);
  const attributes = {
    "http.request.method": method,
    "url.path": route.slice(0, maxPathInSpan),
    "peer.service": service,
  };
  // A batch names its procedures in the path, in any order and number.
  const name = route.includes(",") ? `${method} ${service} batch` : `${method} ${service}${route}`;
  return withSpan(name.slice(0, maxPathInSpan), { kind: "client", attributes }, async (span) => {
    const response = await work();
    span.setAttribute("http.response.status_code", response.status);
    if (response.status >= 500) failSpan(span, `answered ${response.status}`, String(response.status));
    return response;
  });
}

function traceHeader(): { traceparent?: string } {
  const { traceparent } = currentTrace();
  return traceparent === undefined ? {} : { traceparent };
}

function causeOf(error: unknown, isLate: boolean): FailureCause {
  if (error instanceof CallFailure) return error.failure;
  return isLate ? "late" : failureCause(error);
}

async function request(url: string, call: Try, { signal, forMs }: AttemptLimit): Promise<Response> {
  const response = await fetch(url + call.path, {
    method: call.method,
    headers: { ...call.headers, ...traceHeader(), ...deadlineHeaders(performance.now() + forMs) },
    ...(call.body === undefined ? {} : { body: call.body }),
    signal,
    redirect: "manual",
    // A stream is passed on byte by byte.
    decompress: !call.isStream,
  });
  if (call.isStream) return response;
  return new Response(await response.arrayBuffer(), { status: response.status, headers: response.headers });
}
