import type { ProcedureMeta } from "@orderflow/common/openapi/procedure-meta";
import type { ServiceContext } from "@orderflow/common/trpc/context";
import { trpcOptions } from "@orderflow/common/trpc/format-error";
import { requireRole } from "@orderflow/common/trpc/procedure";
import { initTRPC } from "@trpc/server";
import type { ApiKeys } from "../../repositories/api-keys.ts";
import type { Sessions } from "../../repositories/sessions.ts";

/** What the procedures of accounts use besides who calls. */
export type AccountHandling = {
  sessions: Sessions;
  apiKeys: ApiKeys;
  /** Makes this gateway refuse the key from now on; the others follow within seconds. */
  forgetApiKey: (prefix: string) => void;
  now: () => Date;
};

const t = initTRPC.context<ServiceContext & AccountHandling>().meta<ProcedureMeta>().create(trpcOptions);

export const { router } = t;

/** Everybody who is somebody, for his own account alone. */
export const customerProcedure = t.procedure
  .meta({ access: "customer" })
  .use(({ ctx, next }) => next({ ctx: { ...ctx, caller: requireRole(ctx.caller, "customer", "operator") } }));
