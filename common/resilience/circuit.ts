import {
  type BulkheadPolicy,
  BulkheadRejectedError,
  bulkhead,
  type CircuitBreakerPolicy,
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  handleType,
} from "cockatiel";
import { Unavailable } from "../errors.ts";
import type { Logger } from "../observability/logger.ts";
import type { Counter, Metrics } from "../observability/metrics.ts";
import { CallFailure } from "./call-failure.ts";
import type { CallSettings, LiveSettings } from "./call-settings.ts";

/** What stands between us and one target: at most so many calls at once, and none while it does not answer. */
export type Circuit = {
  /**
   * Waits for a place. @throws Unavailable "overloaded" when too many wait already, and "dependency_unavailable" at
   * once while the breaker is open.
   */
  enter<T>(work: () => Promise<T>): Promise<T>;
};

type Options = { target: string; settings: LiveSettings; logger: Logger; metrics: Metrics };

const overloadedRetryAfterS = 1;
/** As the metric shows them. */
const shown = new Map([
  [CircuitState.Closed, 0],
  [CircuitState.HalfOpen, 1],
  [CircuitState.Open, 2],
]);

export function createCircuit({ target, settings, logger, metrics }: Options): Circuit {
  const state = metrics.gauge("circuit_breaker_state", "0 closed, 1 trying one call, 2 open", ["target"]);
  const rejected = rejectedCalls(metrics);
  let applied = settings.current();
  let breaker = breakerOf(applied);
  let openedAt = 0;
  let places = bulkheadOf(applied);
  state.set({ target }, 0);
  settings.onChange((changed) => {
    if (differs(applied, changed, "breakerFailures")) breaker = breakerOf(changed, breaker);
    if (differs(applied, changed, "maxConcurrent", "maxQueued")) places = bulkheadOf(changed);
    applied = changed;
    state.set({ target }, shown.get(breaker.state) ?? 2);
  });

  /** Goes on where the one `before` stood: other limits do not mend a target that is away. */
  function breakerOf({ breakerFailures }: CallSettings, before?: CircuitBreakerPolicy): CircuitBreakerPolicy {
    const made = circuitBreaker(handleType(CallFailure), {
      // The library goes by the time of day, which may be set back while it is open: how long is decided here.
      halfOpenAfter: Number.NEGATIVE_INFINITY,
      breaker: new ConsecutiveBreaker(breakerFailures),
      ...(before && { initialState: before.toJSON() }),
    });
    made.onStateChange((now) => {
      if (made !== breaker) return;
      if (now === CircuitState.Open) openedAt = performance.now();
      state.set({ target }, shown.get(now) ?? 2);
      const level = now === CircuitState.Open ? "warn" : "info";
      logger[level]({ target, state: CircuitState[now] }, "circuit breaker");
    });
    return made;
  }

  function away(): Unavailable {
    rejected.inc({ target, reason: "breaker_open" });
    const retryAfterS = Math.ceil(settings.current().breakerOpenMs / 1_000);
    return new Unavailable("dependency_unavailable", `${target} is not available at the moment`, { retryAfterS });
  }

  function isRefusing(): boolean {
    if (breaker.state === CircuitState.Open) return performance.now() - openedAt < applied.breakerOpenMs;
    // The library would let callers wait for the outcome of the one call that tries, which may hang until its deadline.
    return breaker.state === CircuitState.HalfOpen;
  }

  /** The bulkhead stands outside: a caller it turns away says nothing about the target. */
  async function pass<T>(work: () => Promise<T>): Promise<T> {
    if (isRefusing()) throw away();
    return await breaker.execute(work);
  }

  return {
    async enter(work) {
      try {
        return await places.execute(() => pass(work));
      } catch (error) {
        if (!(error instanceof BulkheadRejectedError)) throw error;
        rejected.inc({ target, reason: "too_many" });
        const options = { retryAfterS: overloadedRetryAfterS, cause: error };
        throw new Unavailable("overloaded", `Too many calls to ${target} are waiting`, options);
      }
    },
  };
}

export function rejectedCalls(metrics: Metrics): Counter {
  const help = "Calls not made: the breaker is open, or too many are under way";
  return metrics.counter("calls_rejected_total", help, ["target", "reason"]);
}

function differs(before: CallSettings, after: CallSettings, ...names: (keyof CallSettings)[]): boolean {
  return names.some((name) => before[name] !== after[name]);
}

function bulkheadOf({ maxConcurrent, maxQueued }: CallSettings): BulkheadPolicy {
  return bulkhead(maxConcurrent, maxQueued);
}
