import type { PoolClient } from "pg";
import type { Logger } from "../observability/logger.ts";
import type { JobPool } from "./job-pool.ts";

type Options = {
  pool: JobPool;
  logger: Logger;
  lookEveryMs: number;
  afterMs: number;
  /** Whether this process runs the job with this id. */
  isActive: (id: string) => boolean;
  /** Called after each look that PostgreSQL answered. */
  onReached: () => void;
};

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
 * A connection can also break after PostgreSQL locked a job and before its runner heard of it: a job that is locked by
 * this runner, and that it does not run, is released as well.
 */
export function createAbandonedJobs({
  pool,
  logger,
  lookEveryMs,
  afterMs,
  isActive,
  onReached,
}: Options): AbandonedJobs {
  let holder: PoolClient | undefined;
  let suspectRunners = new Set<string>();
  let suspectJobs = new Set<string>();
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
    // Shared, since this runner's former connection may not be over yet where the server is.
    await client
      .query("select pg_advisory_lock_shared($1, hashtext($2))", [runnerLock, runner])
      .catch((error: unknown) => {
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
    const runners = await releaseOfGoneRunners();
    const jobs = await releaseNeverHeardOf(runner);
    onReached();
    if (runners.length + jobs.length === 0) return;
    await pool.query("select pg_notify('jobs:insert', '{\"count\":100}')");
    logger.warn({ runners, jobs }, "Released jobs that nobody ran");
  };
  const releaseOfGoneRunners = async (): Promise<string[]> => {
    const { rows } = await pool.query<{ runner: string }>(goneRunners, [afterMs, runnerLock]);
    const gone = rows.map((row) => row.runner);
    const confirmed = gone.filter((name) => suspectRunners.has(name));
    suspectRunners = new Set(gone);
    if (confirmed.length > 0) await pool.query("select graphile_worker.force_unlock_workers($1::text[])", [confirmed]);
    return confirmed;
  };
  const releaseNeverHeardOf = async (runner: string): Promise<string[]> => {
    const { rows } = await pool.query<{ id: string }>(lockedBy, [runner, afterMs]);
    // A job that has ended is not active while its end is still to be recorded.
    const unheard = pool.isRecording() ? [] : rows.map((row) => row.id).filter((id) => !isActive(id));
    const confirmed = unheard.filter((id) => suspectJobs.has(id));
    suspectJobs = new Set(unheard);
    if (confirmed.length > 0) await pool.query(unlock, [runner, afterMs, confirmed]);
    return confirmed;
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

const goneRunners = `
  select distinct locked_by as runner from graphile_worker.jobs
  where locked_by is not null and locked_at < now() - $1::int * interval '1 ms' and not exists (
    select from pg_locks
    where locktype = 'advisory' and granted and database = (select oid from pg_database where datname = current_database())
      and classid = $2::int::oid and objid = hashtext(locked_by)::bit(32)::bigint::oid)`;

const lockedBy = `
  select id::text as id from graphile_worker.jobs
  where locked_by = $1 and locked_at < now() - $2::int * interval '1 ms' limit 1000`;

const unlock = `
  update graphile_worker._private_jobs set locked_at = null, locked_by = null
  where locked_by = $1 and locked_at < now() - $2::int * interval '1 ms' and id = any($3::bigint[])`;
