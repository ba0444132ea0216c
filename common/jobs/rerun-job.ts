import type { SQL, TransactionSQL } from "bun";
import { Refusal } from "../errors.ts";

/**
 * Lets a job that waits or is exhausted run at once, with all its attempts again. Refuses job_not_found when there is
 * no such job or it is running.
 */
export async function rerunJob(sql: SQL, id: string): Promise<void> {
  const rows: unknown[] = /^\d{1,18}$/.test(id)
    ? await sql`
        with job as (select id from graphile_worker.reschedule_jobs(array[${id}::bigint], run_at := now(), attempts := 0))
        select id, pg_notify('jobs:insert', '{"count":1}') from job`
    : [];
  if (rows.length === 0) throw new Refusal("job_not_found", `There is no job ${id.slice(0, 20)} that waits to run`);
}

/** Gives the job of this key all its attempts again if it has none left, and with it those that lie in its bundle. */
export async function rerunExhausted(tx: TransactionSQL, key: string): Promise<void> {
  await tx`
    with exhausted as (
      select job.id from graphile_worker.jobs job join graphile_worker._private_jobs stored using (id)
      where job.attempts >= job.max_attempts and job.locked_at is null
        and (job.key = ${key} or stored.payload::jsonb @> jsonb_build_object(
          'bundle', jsonb_build_array(jsonb_build_object('key', ${key}::text)))))
    select from graphile_worker.reschedule_jobs((select array_agg(id) from exhausted), run_at := now(), attempts := 0)`;
}
