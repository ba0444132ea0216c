import { EventEmitter } from "node:events";
import { parseCrontab, run, type WorkerEvents } from "graphile-worker";
import type { Logger } from "../observability/logger.ts";
import type { Metrics } from "../observability/metrics.ts";
import type { Task } from "./attempt-job.ts";
import { endRunner } from "./end-runner.ts";
import { inBatches, trackHeldJobs } from "./held-jobs.ts";
import { workerLogger } from "./job-log.ts";
import { createJobMetrics } from "./job-metrics.ts";
import { JobPool } from "./job-pool.ts";
import { createAbandonedJobs } from "./release-abandoned.ts";
import { takeTurns } from "./take-turns.ts";
import { taskListOf } from "./task-list.ts";
import { watchRunner } from "./watch-runner.ts";

type Options = {
  databaseUrl: string;
  /** By the name a job is added with. A job of another name is left for those who know it. */
  tasks: Record<string, Task>;
  /** Jobs at once in this process, 1 to 100, those of bundles included. */
  concurrency: number;
  logger: Logger;
  metrics: Metrics;
  /** Lines as in cron(5), in UTC: `0 4 * * * task-name ?jobKey=task-name`. */
  crontab?: string | undefined;
  /** For one attempt. */
  timeoutMs?: number | undefined;
  /** What runs at `stop` has this long to finish; then it is released and runs again elsewhere. */
  stopTimeoutMs?: number | undefined;
  /** How often to look for jobs that a dead process holds, and how long they must have been held: 3 s and 5 s. */
  abandoned?: { lookEveryMs: number; afterMs: number } | undefined;
};

export type Jobs = {
  /** False until the runner has started, and while it starts anew. */
  isRunning(): boolean;
  /** Jobs at once, 1 to 100: more begin at once, or fewer once so many of those under way have ended. */
  setConcurrency(concurrency: number): void;
  stop(): Promise<void>;
};

const firstRestartDelayMs = 250;
const maxRestartDelayMs = 10_000;
const maxConnections = 6;
const defaultAbandoned = { lookEveryMs: 3_000, afterMs: 5_000 };

/**
 * Runs jobs until stopped. A new job starts within some 10 ms (LISTEN), a delayed one within a second of its time. A
 * database that is away is waited for, so this neither rejects nor ends on its own.
 */
export async function startJobs(options: Options): Promise<Jobs> {
  const { databaseUrl, logger, metrics, timeoutMs = 60_000, stopTimeoutMs = 8_000 } = options;
  let concurrency = bounded(options.concurrency);
  const pool = new JobPool({ url: databaseUrl, max: connectionsFor(concurrency), logger });
  const jobMetrics = createJobMetrics(metrics, pool);
  const turns = takeTurns(concurrency);
  const parsedCronItems = parseCrontab(options.crontab ?? "");
  const stopping = Promise.withResolvers<void>();
  let isStopping = false;
  let isRunning = false;
  let retune = () => {};
  let drained = Promise.resolve();

  const live = async (): Promise<Ending> => {
    const stop = new AbortController();
    const running = { timeoutMs, logger, metrics: jobMetrics, pool, turns, stop: stop.signal };
    const retuned = Promise.withResolvers<void>();
    retune = retuned.resolve;
    const events: WorkerEvents = new EventEmitter();
    const watch = watchRunner(events);
    const [isActive, onReached] = [trackHeldJobs(events), watch.reached];
    const abandoned = options.abandoned ?? defaultAbandoned;
    const abandonedJobs = createAbandonedJobs({ pool, logger, isActive, onReached, ...abandoned });
    let name = "";
    events.once("pool:create", ({ workerPool }) => {
      name = workerPool.id;
      abandonedJobs.start(name);
    });
    let ended = Promise.resolve();
    try {
      const runner = await run({
        pgPool: pool,
        taskList: taskListOf(options.tasks, running),
        parsedCronItems,
        concurrency,
        events,
        pollInterval: 1_000,
        noHandleSignals: true,
        logger: workerLogger(logger),
        preset: { worker: inBatches(concurrency) },
      });
      isRunning = true;
      // One that gives way keeps a connection until its last job has ended, so only one does at a time.
      const ending = await Promise.race([
        runner.promise.then(() => "ended" as const),
        stopping.promise.then(() => "stopped" as const),
        watch.sick.then(() => drained).then(() => "sick" as const),
        retuned.promise.then(() => drained).then(() => "retuned" as const),
      ]);
      const until = { timeoutMs, stopping: stopping.promise, stopTimeoutMs };
      if (ending !== "ended") ended = endRunner(runner, { name, pool, logger, stop, ...until });
      return ending;
    } finally {
      isRunning = false;
      const over = ended.then(() => {
        stop.abort();
        abandonedJobs.stop();
      });
      drained = drained.then(() => over);
    }
  };
  const living = keepAlive(live, { logger, stopping: stopping.promise, isStopping: () => isStopping });
  return {
    isRunning: () => isRunning,
    setConcurrency(wanted) {
      if (bounded(wanted) === concurrency) return;
      concurrency = bounded(wanted);
      turns.change(concurrency);
      pool.options.max = connectionsFor(concurrency);
      retune();
    },
    async stop() {
      if (isStopping) return living;
      isStopping = true;
      stopping.resolve();
      jobMetrics.stop();
      await living;
      await drained;
      await pool.close(1_000);
    },
  };
}

/** Why a runner is no longer there. */
type Ending = "ended" | "stopped" | "sick" | "retuned";

function bounded(concurrency: number): number {
  return Math.min(Math.max(Math.trunc(concurrency), 1), 100);
}

/** One connection listens, one holds the runner's lock, another that of one which gives way; the jobs share the rest. */
function connectionsFor(concurrency: number): number {
  return Math.min(concurrency + 3, maxConnections);
}

/** Rather a new runner than none in a process that looks alive. */
async function keepAlive(
  live: () => Promise<Ending>,
  { logger, stopping, isStopping }: { logger: Logger; stopping: Promise<void>; isStopping: () => boolean },
): Promise<void> {
  let delayMs = firstRestartDelayMs;
  while (!isStopping()) {
    const startedAt = performance.now();
    try {
      const ending = await live();
      // The runner takes its number of jobs at its start, so that a new number needs a new runner.
      if (ending === "retuned") continue;
      if (!isStopping()) logger.warn("The job runner ended; starting it anew");
    } catch (error) {
      if (!isStopping()) logger.warn({ err: error, delayMs }, "The job runner failed; starting it anew");
    }
    if (isStopping()) return;
    delayMs =
      performance.now() - startedAt > maxRestartDelayMs
        ? firstRestartDelayMs
        : Math.min(delayMs * 2, maxRestartDelayMs);
    await Promise.race([Bun.sleep(delayMs), stopping]);
  }
}
