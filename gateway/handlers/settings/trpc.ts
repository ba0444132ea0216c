import type { ProcedureMeta } from "@orderflow/common/openapi/procedure-meta";
import type { ServiceContext } from "@orderflow/common/trpc/context";
import { trpcOptions } from "@orderflow/common/trpc/format-error";
import { requireRole } from "@orderflow/common/trpc/procedure";
import { initTRPC } from "@trpc/server";
import type { SettingsBroadcast } from "../../providers/settings-broadcast.ts";
import type { SettingVersions } from "../../repositories/setting-versions.ts";

/** What the procedures of settings use besides who calls. */
export type SettingsHandling = {
  versions: SettingVersions;
  broadcast: SettingsBroadcast;
  /** Nothing may be made to fail on purpose. */
  isProduction: boolean;
  now: () => Date;
};

const t = initTRPC.context<ServiceContext & SettingsHandling>().meta<ProcedureMeta>().create(trpcOptions);

export const { router } = t;

export const operatorProcedure = t.procedure
  .meta({ access: "operator" })
  .use(({ ctx, next }) => next({ ctx: { ...ctx, caller: requireRole(ctx.caller, "operator") } }));
