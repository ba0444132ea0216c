import type { TaskList } from "graphile-worker";
import type { Logger } from "../observability/logger.ts";
import { createAttempt, type Task } from "./attempt-job.ts";
import { bundleTask } from "./bundles/bundle.ts";
import { runBundle } from "./bundles/run-bundle.ts";
import { createSettleBundle } from "./bundles/settle-bundle.ts";
import type { JobMetrics } from "./job-metrics.ts";
import type { JobPool } from "./job-pool.ts";
import { runTask } from "./run-task.ts";
import { createSpreadRetry } from "./spread-retry.ts";
import type { Turns } from "./take-turns.ts";

type Running = {
  /** For one attempt of one job. */
  timeoutMs: number;
  logger: Logger;
  metrics: JobMetrics;
  pool: JobPool;
  turns: Turns;
  /** Aborted when no more may begin, as the process stops or the runner no longer holds its jobs. */
  stop: AbortSignal;
};

/** What graphile-worker calls: each task by its name, and by the name of its bundles. */
export function taskListOf(tasks: Record<string, Task>, { pool, ...running }: Running): TaskList {
  const { logger, metrics } = running;
  const [settle, spreadRetry] = [createSettleBundle(pool), createSpreadRetry(pool, logger)];
  const list: TaskList = {};
  for (const [name, task] of Object.entries(tasks)) {
    const attempt = createAttempt({ name, task, ...running });
    list[name] = runTask(attempt, spreadRetry);
    list[bundleTask(name)] = runBundle({ task: name, attempt, settle, metrics, spreadRetry });
  }
  return list;
}
