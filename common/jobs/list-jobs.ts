import type { SQL } from "bun";
import { z } from "zod";
import { jobsInPayload } from "./bundles/bundle.ts";

export const JobState = z.enum(["ready", "scheduled", "running", "exhausted"]);
export type JobState = z.infer<typeof JobState>;

/** Instants are ISO 8601. A finished job is gone; an exhausted one stays until it is rerun. */
export const JobView = z
  .object({
    id: z.string(),
    task: z.string(),
    key: z.string().nullable(),
    jobs: z.int().describe("How many jobs lie in this one: more than 1 in a bundle"),
    state: JobState,
    attempts: z.int(),
    maxAttempts: z.int(),
    lastError: z.string().nullable(),
    runAt: z.string(),
    createdAt: z.string(),
    updatedAt: z.string(),
  })
  .meta({ id: "Job" });
export type JobView = z.infer<typeof JobView>;

export type JobPage = { items: JobView[]; nextCursor: string | null };

/** Newest first. `limit` is taken between 1 and 200; `cursor` is the `nextCursor` of the page before. */
export async function listJobs(
  sql: SQL,
  { state, limit, cursor }: { state?: JobState | undefined; limit: number; cursor?: string | undefined },
): Promise<JobPage> {
  const count = Math.min(Math.max(Math.trunc(limit), 1), 200);
  const before = cursor && /^\d{1,18}$/.test(cursor) ? cursor : "9223372036854775807";
  const rows: (Omit<JobView, "runAt" | "createdAt" | "updatedAt"> & {
    runAt: Date;
    createdAt: Date;
    updatedAt: Date;
  })[] = await sql`
    select * from (
      select id::text as id, task_identifier as task, jobs.key,
        coalesce(substring(left(stored.payload::text, 20) from ${jobsInPayload}::text)::int, 1) as jobs,
        case when jobs.locked_at is not null then 'running' when jobs.attempts >= jobs.max_attempts then 'exhausted'
             when jobs.run_at > now() then 'scheduled' else 'ready' end as state,
        jobs.attempts::int as attempts, jobs.max_attempts::int as "maxAttempts", jobs.last_error as "lastError",
        jobs.run_at as "runAt", jobs.created_at as "createdAt", jobs.updated_at as "updatedAt", id as position
      from graphile_worker.jobs join graphile_worker._private_jobs stored using (id) where id < ${before}::bigint) job
    where ${state ?? null}::text is null or state = ${state ?? null}::text
    order by position desc limit ${count + 1}`;
  const items = rows.slice(0, count).map((row) => ({
    id: row.id,
    task: row.task,
    key: row.key,
    jobs: row.jobs,
    state: row.state,
    attempts: row.attempts,
    maxAttempts: row.maxAttempts,
    lastError: row.lastError,
    runAt: row.runAt.toISOString(),
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  }));
  return { items, nextCursor: rows.length > count ? (items.at(-1)?.id ?? null) : null };
}
