import type { Task } from "@orderflow/common/jobs/run-task";
import { pruneIdempotencyKeys } from "../repositories/idempotency-keys.ts";
import type { JobContext } from "./job-context.ts";

const keptMs = 30 * 24 * 60 * 60 * 1_000;

/** After 30 days a repeated call is taken for a new one. */
export function pruneOldIdempotencyKeys(ctx: Pick<JobContext, "sql" | "logger" | "now">): Task {
  return async (_payload, { signal }) => {
    const before = new Date(ctx.now().getTime() - keptMs);
    const pruned = await pruneIdempotencyKeys(ctx.sql, { before, signal });
    ctx.logger.info({ pruned }, "Old idempotency keys pruned");
  };
}
