import type { ProcedureMeta } from "@orderflow/common/openapi/procedure-meta";
import { trpcOptions } from "@orderflow/common/trpc/format-error";
import { requireRole } from "@orderflow/common/trpc/procedure";
import { initTRPC } from "@trpc/server";
import type { InventoryContext } from "../context.ts";

const t = initTRPC.context<InventoryContext>().meta<ProcedureMeta>().create(trpcOptions);

export const router = t.router;
export const publicProcedure = t.procedure;
export const operatorProcedure = t.procedure
  .meta({ access: "operator" })
  .use(({ ctx, next }) => next({ ctx: { ...ctx, caller: requireRole(ctx.caller, "operator") } }));
export const serviceProcedure = t.procedure.use(({ ctx, next }) =>
  next({ ctx: { ...ctx, caller: requireRole(ctx.caller, "service") } }),
);
