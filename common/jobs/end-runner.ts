import type { Runner } from "graphile-worker";
import type { Logger } from "../observability/logger.ts";
import type { JobPool } from "./job-pool.ts";

type Options = {
  /** What graphile-worker writes into `locked_by`. */
  name: string;
  pool: JobPool;
  logger: Logger;
  /** For one attempt of one job. */
  timeoutMs: number;
  /** Resolves when the process stops. */
  stopping: Promise<void>;
  stopTimeoutMs: number;
  /** Aborted when no more may begin. */
  stop: AbortController;
};

/** While a process stops, jobs of bundles begin for this long; what then is left of the time is for those under way. */
const lastBeginMs = 5_000;

/**
 * Lets a runner take no more, and waits for all that it has under way: released while the process lives, a job would run
 * twice at once. When the process stops it has `stopTimeoutMs`, and what then still runs is released. Never rejects.
 * `runner.kill` would not do: it leaves the jobs locked once a stop is under way.
 */
export async function endRunner(runner: Runner, options: Options): Promise<void> {
  const { timeoutMs, stopping, stopTimeoutMs, stop } = options;
  runner.promise.catch(() => {});
  const ended = runner.stop().then(
    () => true,
    () => true,
  );
  const giveUp = async (beginMs: number, endMs: number): Promise<false> => {
    await pause(beginMs);
    stop.abort();
    await pause(endMs);
    return false;
  };
  const isEnded = await Promise.race([
    ended,
    // By then each job that had begun is over, if not its runner.
    giveUp(timeoutMs, timeoutMs),
    stopping.then(() => giveUp(Math.min(lastBeginMs, stopTimeoutMs), Math.max(stopTimeoutMs - lastBeginMs, 0))),
  ]);
  if (!isEnded) await releaseJobs(options);
}

/** Keeps no process alive. */
function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}

async function releaseJobs({ pool, logger, name }: Options): Promise<void> {
  logger.warn("Jobs still run; releasing them, they will run again");
  await pool.query("select graphile_worker.force_unlock_workers(array[$1])", [name]).catch((error: unknown) => {
    logger.warn({ err: error }, "Could not release the jobs");
  });
}
