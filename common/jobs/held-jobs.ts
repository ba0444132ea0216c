import type { WorkerEvents } from "graphile-worker";

/** What was fetched and cannot begin within this time goes back to the queue, for whoever has time. */
const heldMs = 2_000;
/** The ends of jobs are recorded together. A process that dies before leaves them to run again. */
const recordDelayMs = 20;

/** How a runner spares the database: it takes jobs, and says what became of them, many at a time. */
export function inBatches(concurrency: number) {
  return {
    // No more rows than can begin at once: a row is a bundle of up to 50 jobs, and what is held in vain is written twice.
    localQueue: { size: concurrency, ttl: heldMs },
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
