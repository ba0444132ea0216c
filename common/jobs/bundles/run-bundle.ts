import type { Task as WorkerTask } from "graphile-worker";
import { type Attempt, NotBegun } from "../attempt-job.ts";
import type { JobMetrics } from "../job-metrics.ts";
import type { SpreadRetry } from "../spread-retry.ts";
import { Bundle, type BundledJob } from "./bundle.ts";
import type { FailedJob, SettleBundle } from "./settle-bundle.ts";

type Options = { task: string; attempt: Attempt; settle: SettleBundle; metrics: JobMetrics; spreadRetry: SpreadRetry };

/** How long a job that failed waits for others to fail, before it is taken out of its bundle. */
const gatherMs = 500;

/**
 * Runs the jobs of a bundle beside each other and takes out those that fail. What the process did not get to when it
 * stops remains, and so does everything when it dies: a job that was done asks first whether its step is still awaited.
 */
export function runBundle({ task, attempt, settle, metrics, spreadRetry }: Options): WorkerTask {
  return async (payload, { job }) => {
    const run = { id: String(job.id), attempt: job.attempts, maxAttempts: job.max_attempts };
    try {
      const { bundle } = Bundle.parse(payload);
      metrics.bundled(task, bundle.length);
      const open = openBundle(bundle, (failed, left) => settle({ ...run, task, failed, left }));
      await Promise.all(
        bundle.map((each) =>
          attempt(each.payload, run).then(
            () => open.done(each),
            (error: Error) => {
              if (!(error instanceof NotBegun)) open.failed({ job: each, error: error.message });
            },
          ),
        ),
      );
      await open.close();
    } catch (error) {
      if (run.attempt < run.maxAttempts) await spreadRetry(run.id);
      throw error;
    }
  };
}

/** What of a bundle is not settled yet. */
function openBundle(jobs: BundledJob[], settle: (failed: FailedJob[], left: BundledJob[]) => Promise<void>) {
  const left = new Set(jobs);
  let failed: FailedJob[] = [];
  let timer: Timer | undefined;
  let settling: Promise<void> | undefined;
  const settleFailed = async (): Promise<void> => {
    if (failed.length === 0) return;
    const settled = failed;
    const rest = new Set(left);
    for (const { job } of settled) rest.delete(job);
    await settle(settled, [...rest]);
    failed = failed.slice(settled.length);
    for (const { job } of settled) left.delete(job);
  };
  return {
    done: (job: BundledJob) => left.delete(job),
    failed(failure: FailedJob) {
      failed = [...failed, failure];
      timer ??= setTimeout(() => {
        timer = undefined;
        // Tried again at the end, which then tells.
        settling = settleFailed().catch(() => {});
      }, gatherMs);
    },
    /** Rejects when something is left. */
    async close(): Promise<void> {
      clearTimeout(timer);
      await settling;
      await settleFailed();
      if (left.size > 0) throw new Error(`Stopped before ${left.size} of ${jobs.length} jobs had run`);
    },
  };
}
