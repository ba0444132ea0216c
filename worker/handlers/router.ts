import { deadLetterRouter } from "@orderflow/common/messaging/dead-letters/dead-letter-router";
import { createEventsRouter } from "@orderflow/common/messaging/events-router";
import type { SQL } from "bun";
import { audit } from "./audit.ts";
import { jobs, rerunJob } from "./jobs.ts";
import { shipments } from "./shipments.ts";
import { router } from "./trpc.ts";

/** All that can be asked, through the gateway. */
export const workerRouter = router({ shipments, jobs, rerunJob, audit, deadLetters: deadLetterRouter });

/** All that neighbours can ask. */
export function createInternalRouter(sql: SQL) {
  return router({ events: createEventsRouter(sql, ["worker"]) });
}

export type WorkerRouter = typeof workerRouter;
export type WorkerInternalRouter = ReturnType<typeof createInternalRouter>;
