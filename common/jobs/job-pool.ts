import { Pool, type PoolClient } from "pg";
import { isFault } from "../database/sql-error.ts";
import type { Logger } from "../observability/logger.ts";

export type JobPool = {
  pool: Pool;
  /** Waits until the end of what ran is recorded, at most `timeoutMs`, then closes the connections. */
  close(timeoutMs: number): Promise<void>;
};

type Query = (config: unknown, ...rest: unknown[]) => Promise<unknown>;

const retryDelayMs = 250;

/**
 * Connections for graphile-worker. It records a job's end with a statement that it does not await: when PostgreSQL is
 * away just then, the rejection would be unhandled and the finished job would run again. Those statements may be
 * repeated, so they are, until PostgreSQL is back or the pool closes.
 */
export function createJobPool({ url, max, name, logger }: { url: string; max: number; name: string; logger: Logger }): JobPool {
  const pool = new Pool({
    connectionString: url,
    max,
    application_name: name.slice(0, 63),
    connectionTimeoutMillis: 5_000,
    statement_timeout: 8_000,
    idle_in_transaction_session_timeout: 2_000,
    keepAlive: true,
  });
  const queries = new WeakMap<PoolClient, Query>();
  const recording = new Set<Promise<unknown>>();
  let isClosing = false;

  const recordEnd = async (client: PoolClient, config: unknown): Promise<unknown> => {
    let query = queries.get(client)?.(config);
    for (;;) {
      try {
        return await query;
      } catch (error) {
        if (!isFault(error) && !isLostConnection(error)) throw error;
        if (isClosing) {
          logger.error({ err: error }, "The end of a job could not be recorded; it will run again");
          return { rows: [], rowCount: 0 };
        }
      }
      await Bun.sleep(retryDelayMs);
      query = onNewConnection(config);
    }
  };
  const onNewConnection = async (config: unknown): Promise<unknown> => {
    const client = await pool.connect();
    let isBroken = true;
    try {
      const result = await queries.get(client)?.(config);
      isBroken = false;
      return result;
    } finally {
      client.release(isBroken);
    }
  };

  pool.on("error", (error) => logger.warn({ err: error }, "A connection of the job runner was lost"));
  pool.on("connect", (client) => {
    client.on("error", () => {}); // The query under way is rejected with it, which is where it is handled.
    const query = client.query.bind(client) as Query;
    queries.set(client, query);
    Reflect.set(client, "query", (config: unknown, ...rest: unknown[]) => {
      if (!recordsEnd(config)) return query(config, ...rest);
      const recorded = recordEnd(client, config).finally(() => recording.delete(recorded));
      recording.add(recorded);
      return recorded;
    });
  });
  return {
    pool,
    async close(timeoutMs) {
      await Promise.race([Promise.allSettled([...recording]), Bun.sleep(timeoutMs)]);
      isClosing = true;
      await pool.end();
    },
  };
}

/** graphile-worker names these statements complete_job…, fail_job…. */
function recordsEnd(config: unknown): boolean {
  const name: unknown = typeof config === "object" && config !== null ? Reflect.get(config, "name") : undefined;
  return typeof name === "string" && /^(?:complete|fail)_job/.test(name);
}

/** pg gives these errors no code. */
function isLostConnection(error: unknown): boolean {
  return error instanceof Error && /connection|not queryable|timeout exceeded/i.test(error.message);
}
