import type { WorkerEvents } from "graphile-worker";

/** Fetched at once, and held for the jobs of this process alone until they begin or `heldMs` is over. */
const heldJobs = 50;
const heldMs = 2_000;
/** The ends of jobs are recorded together. A process that dies before leaves them to run again. */
const recordDelayMs = 20;

/** How a runner spares the database: it takes jobs, and says what became of them, many at a time. */
export function inBatches(concurrency: number) {
  return {
    localQueue: { size: Math.max(concurrency, heldJobs), ttl: heldMs },
    completeJobBatchDelay: recordDelayMs,
    failJobBatchDelay: recordDelayMs,
  };
}

/** Tells whether this runner holds or runs the job with an id. */
export function trackHeldJobs(events: WorkerEvents): (id: string) => boolean {
  const held = new Set<string>();
  events.on("localQueue:getJobs:complete", ({ jobs }) => {
    for (const { id } of jobs) held.add(String(id));
  });
  events.on("localQueue:returnJobs", ({ jobs }) => {
    for (const { id } of jobs) held.delete(String(id));
  });
  events.on("job:complete", ({ job }) => held.delete(String(job.id)));
  return (id) => held.has(id);
}
