import type { Task as WorkerTask } from "graphile-worker";
import type { Attempt } from "./attempt-job.ts";
import type { SpreadRetry } from "./spread-retry.ts";

/** What graphile-worker calls for a job that waits alone. */
export function runTask(attempt: Attempt, spreadRetry: SpreadRetry): WorkerTask {
  return async (payload, { job }) => {
    const run = { id: String(job.id), attempt: job.attempts, maxAttempts: job.max_attempts };
    try {
      await attempt(payload, run);
    } catch (error) {
      if (run.attempt < run.maxAttempts) await spreadRetry(run.id);
      throw error;
    }
  };
}
