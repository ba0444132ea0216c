import type { Task } from "@orderflow/common/jobs/run-task";
import type { Logger } from "@orderflow/common/observability/logger";
import type { SQL } from "bun";
import { pruneIdempotencyKeys } from "../repositories/idempotency-keys.ts";

type PruneContext = { sql: SQL; logger: Logger; now: () => Date };

const keptMs = 30 * 24 * 60 * 60 * 1_000;

/** After 30 days a repeated call is taken for a new one. */
export function pruneOldIdempotencyKeys(ctx: PruneContext): Task {
  return async (_payload, { signal }) => {
    const before = new Date(ctx.now().getTime() - keptMs);
    const pruned = await pruneIdempotencyKeys(ctx.sql, { before, signal });
    ctx.logger.info({ pruned }, "Old idempotency keys pruned");
  };
}
