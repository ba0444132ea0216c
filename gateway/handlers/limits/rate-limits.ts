import type { Metrics } from "@orderflow/common/observability/metrics";
import {
  type RateLimiterAbstract,
  RateLimiterMemory,
  RateLimiterPostgres,
  RateLimiterRes,
} from "rate-limiter-flexible";

/** How much of a limit is used up. */
export type Usage = { policy: PolicyName; limit: number; remaining: number; resetS: number };
export type PolicyName = "address" | "caller";
export type Counted = { usage: Usage | undefined; isOver: boolean };

/** Per minute; 0 is no limit. */
export type Limits = { requestsPerAddress: number; callsPerCaller: number };

export type RateLimits = {
  /** One request from an address (IPv6: from a /64 network). */
  countRequest(addressKey: string): Promise<Counted>;
  /** The calls of one request, of a caller or a key; of nobody in particular, by address. */
  countCalls(callerKey: string, calls: number): Promise<Counted>;
  /** A limit that differs counts anew, unless a store counts. */
  change(limits: Limits): void;
};

/** What rate-limiter-flexible asks of a client of PostgreSQL. */
export type SharedStore = { query(statement: { text: string; values: unknown[] }): Promise<{ rows: unknown[] }> };

type Options = Limits & {
  /** Counts with all gateways of this database; without it each gateway counts for itself. */
  store?: SharedStore | undefined;
  metrics: Metrics;
};

export const windowS = 60;
const none: Counted = { usage: undefined, isOver: false };

/** Fixed windows of a minute, which begin with the first call of each key. */
export function createRateLimits({ requestsPerAddress, callsPerCaller, store, metrics }: Options): RateLimits {
  const refused = metrics.counter("gateway_rate_limited_total", "Requests refused for their number, by policy", [
    "policy",
  ]);
  let limits: Limits = { requestsPerAddress, callsPerCaller };
  let address = limiterOf("address", requestsPerAddress, store);
  let caller = limiterOf("caller", callsPerCaller, store);

  async function count(policy: PolicyName, limiter: RateLimiterAbstract | undefined, [key, points]: [string, number]) {
    if (!limiter) return none;
    const { result, isOver } = await consume(limiter, key, points);
    if (isOver) refused.inc({ policy });
    const resetS = Math.max(0, Math.ceil(result.msBeforeNext / 1000));
    return { usage: { policy, limit: limiter.points, remaining: result.remainingPoints, resetS }, isOver };
  }

  return {
    countRequest: (key) => count("address", address, [key, 1]),
    countCalls: (key, calls) => count("caller", caller, [key, calls]),
    change(wanted) {
      const before = limits;
      limits = wanted;
      if (wanted.requestsPerAddress !== before.requestsPerAddress)
        address = limiterOf("address", wanted.requestsPerAddress, store);
      if (wanted.callsPerCaller !== before.callsPerCaller) caller = limiterOf("caller", wanted.callsPerCaller, store);
    },
  };
}

function limiterOf(
  policy: PolicyName,
  points: number,
  store: SharedStore | undefined,
): RateLimiterAbstract | undefined {
  if (points === 0) return undefined;
  const options = { points, duration: windowS, keyPrefix: policy };
  const own = new RateLimiterMemory(options);
  if (!store) return own;
  // While the database is away or hangs each gateway counts for itself: a limit is no reason to refuse everybody.
  return new RateLimiterPostgres({
    ...options,
    storeClient: store,
    storeType: "client",
    tableName: "rate_limit",
    tableCreated: true,
    clearExpiredByTimeout: false, // One statement for all of them; the gateway prunes in batches.
    insuranceLimiter: own,
    // Who is over it stays over it for the window: there is no need to ask the database again.
    inMemoryBlockOnConsumed: points + 1,
  });
}

/** The library throws the count that is too high, and errors of its store. */
async function consume(
  limiter: RateLimiterAbstract,
  key: string,
  points: number,
): Promise<{ result: RateLimiterRes; isOver: boolean }> {
  try {
    return { result: await limiter.consume(key, points), isOver: false };
  } catch (result) {
    if (result instanceof RateLimiterRes) return { result, isOver: true };
    throw result;
  }
}
