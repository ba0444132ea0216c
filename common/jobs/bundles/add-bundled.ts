import type { SQL, TransactionSQL } from "bun";
import { addJobs, type Job, lastOfEachKey, payloadOf } from "../add-jobs.ts";
import { type BundledJob, bundlePayload, bundleTask, maxBundledJobs } from "./bundle.ts";

/** How much later than it is due a job may run for the sake of its neighbours. */
const maxSpreadMs = 100;

/**
 * Adds jobs as addJobs does, but those of one task that are due within 100 ms lie in one row of the queue, up to 50.
 * Each is still a job of its own: it succeeds, fails, is tried again and is traced alone. Its key holds from its first
 * failure on; until then it replaces no job that waits, so only what has no job yet may be added like this.
 */
export function addBundled(tx: TransactionSQL | SQL, jobs: Job[]): Promise<void> {
  return addJobs(tx, bundled(lastOfEachKey(jobs)));
}

function bundled(jobs: Job[]): Job[] {
  const alike = Map.groupBy(jobs, ({ task, maxAttempts }) => JSON.stringify([task, maxAttempts]));
  return [...alike.values()].flatMap((group) => dueTogether(group).map(toBundle));
}

function dueTogether(jobs: Job[]): Job[][] {
  const groups: Job[][] = [];
  for (const job of jobs.toSorted((a, b) => dueAt(a) - dueAt(b))) {
    const group = groups.at(-1);
    const isFull = group === undefined || group.length >= maxBundledJobs;
    if (isFull || dueAt(job) - dueAt(group[0]) > maxSpreadMs) groups.push([job]);
    else group.push(job);
  }
  return groups;
}

function dueAt(job: Job | undefined): number {
  return job?.runAt?.getTime() ?? 0;
}

/** One alone needs no bundle. */
function toBundle(jobs: Job[]): Job {
  const last = jobs.at(-1) as Job;
  if (jobs.length === 1) return last;
  const bundle: BundledJob[] = jobs.map((job) => ({ key: job.key ?? null, payload: payloadOf(job) }));
  return { ...last, task: bundleTask(last.task), payload: bundlePayload(bundle), key: undefined, trace: {} };
}
