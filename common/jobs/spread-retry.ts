import type { Pool } from "pg";
import type { Logger } from "../observability/logger.ts";

/** Lets a job that is about to fail be tried again later than the others that fail with it. Never rejects. */
export type SpreadRetry = (jobId: string) => Promise<void>;

/**
 * graphile-worker tries again e, e², e³ … seconds after `run_at` or now, whichever is later, so that jobs which failed
 * together come back together. Moving `run_at` on by up to half of that spreads them over 1 to 1.5 times the delay.
 */
export function createSpreadRetry(pool: Pick<Pool, "query">, logger: Logger): SpreadRetry {
  return async (jobId) => {
    try {
      await pool.query(
        `update graphile_worker._private_jobs
         set run_at = greatest(now(), run_at) + random() * 0.5 * exp(least(attempts, 10)) * interval '1 second'
         where id = $1 and locked_at is not null and attempts < max_attempts`,
        [jobId],
      );
    } catch (error) {
      logger.debug({ err: error, jobId }, "Could not spread the retry of a job");
    }
  };
}
