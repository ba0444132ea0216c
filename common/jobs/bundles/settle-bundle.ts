import type { Pool } from "pg";
import { type BundledJob, bundlePayload } from "./bundle.ts";

export type FailedJob = { job: BundledJob; error: string };

type Settlement = {
  /** The bundle, and which of its attempts this is. */
  id: string;
  attempt: number;
  /** Of the jobs in it. */
  task: string;
  /** Each becomes a job of its own. */
  failed: FailedJob[];
  /** What is not done yet, and stays in the bundle. */
  left: BundledJob[];
};

/**
 * Rejects when the database is away, and when the bundle was released meanwhile: then all of it is still there, and who
 * has it now may not be deprived of it.
 */
export type SettleBundle = (settlement: Settlement) => Promise<void>;

/**
 * Takes the failed jobs out of their bundle and lets each wait alone, with the attempts it has had, its error and a
 * delay of its own, as if it had never been in one. A single statement, so that a job is always in one place alone.
 */
export function createSettleBundle(pool: Pick<Pool, "query">): SettleBundle {
  return async ({ id, attempt, task, failed, left }) => {
    const jobs = failed.map(({ job, error }) => ({ ...job, error }));
    const values = [id, attempt, JSON.stringify(bundlePayload(left)), task, JSON.stringify(jobs)];
    const { rowCount } = await pool.query(settle, values);
    if (rowCount !== 1) throw new Error("The bundle was released before its failed jobs were taken out");
  };
}

/**
 * Answers the bundle; nothing happens when another runner has taken it meanwhile. add_jobs could not say how often a job
 * was tried. The delay is graphile-worker's own, spread as in spread-retry.ts.
 */
const settle = `
  with bundle as (
    update graphile_worker._private_jobs set payload = $3::json
    where id = $1::bigint and attempts = $2::int and locked_at is not null
    returning attempts, max_attempts),
  alone as (
    insert into graphile_worker._private_jobs (task_id, payload, key, run_at, attempts, max_attempts, last_error)
    select task.id, failed.payload, failed.key,
      now() + (1 + 0.5 * random()) * exp(least(bundle.attempts, 10)) * interval '1 second',
      bundle.attempts, bundle.max_attempts, failed.error
    from bundle cross join json_to_recordset($5::json) as failed(key text, payload json, error text)
      join graphile_worker._private_tasks task on task.identifier = $4
    on conflict (key) do nothing)
  select from bundle`;
