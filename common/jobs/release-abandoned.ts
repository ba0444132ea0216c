import type { PoolClient } from "pg";
import type { Logger } from "../observability/logger.ts";
import type { JobPool } from "./job-pool.ts";

type Options = { pool: JobPool; logger: Logger; lookEveryMs: number; afterMs: number };

export type AbandonedJobs = {
  /** `runner` is the name that graphile-worker writes into `locked_by`. */
  start(runner: string): void;
  stop(): void;
};

/** First half of the advisory lock that a runner holds as long as it lives; the second is the hash of its name. */
const runnerLock = 730_419;
const retryDelayMs = 100;

/**
 * A killed process leaves its jobs locked, for four hours by graphile-worker's own rule. So each runner holds an
 * advisory lock on a connection of its own, and each looks now and then for jobs locked by one whose lock is gone.
 * Two looks in a row must agree: a runner that lost its connection comes back between them.
 */
export function createAbandonedJobs({ pool, logger, lookEveryMs, afterMs }: Options): AbandonedJobs {
  let holder: PoolClient | undefined;
  let suspects = new Set<string>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isStopped = false;

  const holdLock = async (runner: string): Promise<void> => {
    if (holder) return;
    const client = await pool.connectNow();
    if (isStopped) return client.release();
    holder = client;
    client.once("error", () => {
      if (holder !== client) return;
      dropLock();
      lookIn(runner, retryDelayMs);
    });
    await client.query("select pg_advisory_lock($1, hashtext($2))", [runnerLock, runner]).catch((error: unknown) => {
      if (holder === client) dropLock();
      throw error;
    });
  };
  const dropLock = (): void => {
    holder?.release(true);
    holder = undefined;
  };
  const look = async (runner: string): Promise<void> => {
    await holdLock(runner);
    const { rows } = await pool.query<{ runner: string }>(abandoned, [afterMs, runnerLock]);
    const gone = rows.map((row) => row.runner);
    const confirmed = gone.filter((name) => suspects.has(name));
    suspects = new Set(gone);
    if (confirmed.length === 0) return;
    await pool.query("select graphile_worker.force_unlock_workers($1::text[])", [confirmed]);
    await pool.query("select pg_notify('jobs:insert', '{\"count\":100}')");
    logger.warn({ runners: confirmed }, "Released the jobs of runners that are gone");
  };
  const lookIn = (runner: string, delayMs: number): void => {
    clearTimeout(timer);
    if (isStopped) return;
    timer = setTimeout(async () => {
      const delay = await look(runner).then(
        () => lookEveryMs,
        (error: unknown) => {
          logger.debug({ err: error }, "Could not look for abandoned jobs");
          return Math.min(lookEveryMs, retryDelayMs * 5);
        },
      );
      lookIn(runner, delay);
    }, delayMs);
  };
  return {
    start: (runner) => lookIn(runner, 0),
    stop() {
      isStopped = true;
      clearTimeout(timer);
      dropLock();
    },
  };
}

const abandoned = `
  select distinct locked_by as runner from graphile_worker.jobs
  where locked_at < now() - $1::int * interval '1 ms' and not exists (
    select from pg_locks
    where locktype = 'advisory' and granted and database = (select oid from pg_database where datname = current_database())
      and classid = $2::int::oid and objid = hashtext(locked_by)::bit(32)::bigint::oid)`;
