import type { Pool, PoolClient } from "pg";
import type { Logger } from "../observability/logger.ts";

/** First half of the advisory lock that a runner holds as long as it lives; the second is the hash of its name. */
const runnerLock = 730_419;
const graceMs = 10_000;

/**
 * A killed process leaves its jobs locked, for four hours by graphile-worker's own rule. So each runner holds an
 * advisory lock on a connection of its own, and each looks now and then for jobs locked by one whose lock is gone.
 * Two looks in a row must agree, and the job be locked for 10 s: a runner that lost its connection comes back first.
 */
export function createAbandonedJobs({ pool, logger, intervalMs }: { pool: Pool; logger: Logger; intervalMs: number }) {
  let holder: PoolClient | undefined;
  let suspects = new Set<string>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isStopped = false;

  const holdLock = async (runner: string): Promise<void> => {
    if (holder) return;
    const client = await pool.connect();
    const drop = () => {
      if (holder !== client) return;
      holder = undefined;
      client.release(true);
    };
    client.once("error", drop);
    holder = client;
    try {
      await client.query("select pg_advisory_lock($1, hashtext($2))", [runnerLock, runner]);
    } catch (error) {
      drop();
      throw error;
    }
  };
  const look = async (runner: string): Promise<void> => {
    await holdLock(runner);
    const { rows } = await pool.query<{ runner: string }>(abandoned, [graceMs, runnerLock]);
    const gone = rows.map((row) => row.runner);
    const confirmed = gone.filter((name) => suspects.has(name));
    suspects = new Set(gone);
    if (confirmed.length === 0) return;
    await pool.query("select graphile_worker.force_unlock_workers($1::text[])", [confirmed]);
    logger.warn({ runners: confirmed }, "Released the jobs of runners that are gone");
  };
  const lookAgain = (runner: string, delayMs: number): void => {
    timer = setTimeout(async () => {
      try {
        await look(runner);
      } catch (error) {
        logger.debug({ err: error }, "Could not look for abandoned jobs");
      }
      if (!isStopped) lookAgain(runner, intervalMs);
    }, delayMs);
  };
  return {
    /** `runner` is the name that graphile-worker writes into `locked_by`. */
    start: (runner: string): void => lookAgain(runner, 0),
    stop(): void {
      isStopped = true;
      clearTimeout(timer);
      const client = holder;
      holder = undefined;
      client?.release(true);
    },
  };
}

const abandoned = `
  select distinct locked_by as runner from graphile_worker.jobs
  where locked_at < now() - $1::int * interval '1 ms' and not exists (
    select from pg_locks
    where locktype = 'advisory' and granted and database = (select oid from pg_database where datname = current_database())
      and classid = $2::int::oid and objid = hashtext(locked_by)::bit(32)::bigint::oid)`;
