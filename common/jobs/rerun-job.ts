import type { SQL } from "bun";
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
