import type { SQL, TransactionSQL } from "bun";
import type { Trace } from "../messaging/event.ts";
import { currentTrace } from "../observability/tracing.ts";
import { areJobsOff } from "./without-jobs.ts";

export type Job = {
  task: string;
  payload: object;
  /** At most one waiting job has this key: adding it again replaces that job. Up to 512 characters. */
  key?: string | undefined;
  /** Not before; at once when absent. */
  runAt?: Date | undefined;
  /** 1 to 100, 25 when absent: with the delays between them, some three days. */
  maxAttempts?: number | undefined;
  /** What led to this job; the current scope when absent. */
  trace?: Trace | undefined;
};

/** Where a payload keeps what led to its job. */
export const traceField = "_trace";
const maxJobs = 10_000;

/**
 * Adds the whole set with one statement, as part of `tx` when that is a transaction. Of two jobs with one key the
 * later stays. Throws a RangeError past 10,000 jobs.
 */
export async function addJobs(tx: TransactionSQL | SQL, jobs: Job[]): Promise<void> {
  if (jobs.length === 0 || areJobsOff()) return;
  if (jobs.length > maxJobs) throw new RangeError(`${jobs.length} jobs at once, more than ${maxJobs}`);
  const specs = lastOfEachKey(jobs).map(toSpec);
  await tx`
    select from graphile_worker.add_jobs((
      select array_agg(spec) from json_populate_recordset(null::graphile_worker.job_spec, ${JSON.stringify(specs)}::text::json) spec))`;
}

/** PostgreSQL refuses to touch one row twice in one statement. */
export function lastOfEachKey(jobs: Job[]): Job[] {
  const byKey = new Map<string | symbol, Job>();
  for (const job of jobs) byKey.set(job.key ?? Symbol(), job);
  return [...byKey.values()];
}

function toSpec(job: Job) {
  return {
    identifier: job.task,
    payload: payloadOf(job),
    run_at: job.runAt?.toISOString() ?? null,
    max_attempts: job.maxAttempts ?? 25,
    job_key: job.key ?? null,
  };
}

/** What is stored of a job, with what led to it. */
export function payloadOf({ payload, trace = currentTrace() }: Job): object {
  const { traceparent, correlationId, causationId }: Trace = trace;
  return { ...payload, [traceField]: { traceparent, correlationId, causationId } };
}
