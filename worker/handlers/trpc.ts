import type { Auditor } from "@orderflow/common/audit/create-auditor";
import type { DeadLetterContext } from "@orderflow/common/messaging/dead-letters/dead-letter-router";
import type { ProcedureMeta } from "@orderflow/common/openapi/procedure-meta";
import { trpcOptions } from "@orderflow/common/trpc/format-error";
import { requireRole } from "@orderflow/common/trpc/procedure";
import { initTRPC } from "@trpc/server";
import type { SQL } from "bun";

/** What worker's procedures use of a call. */
export type WorkerCall = DeadLetterContext & { sql: SQL; audit: Auditor; now: () => Date };

const t = initTRPC.context<WorkerCall>().meta<ProcedureMeta>().create(trpcOptions);

export const { router } = t;
export const operatorProcedure = t.procedure
  .meta({ access: "operator" })
  .use(({ ctx, next }) => next({ ctx: { ...ctx, caller: requireRole(ctx.caller, "operator") } }));
