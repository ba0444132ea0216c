import type { AnyTRPCRouter, TRPCProcedureType } from "@trpc/server";
import { z } from "zod";
import type { ProcedureMeta } from "../openapi/procedure-meta.ts";

/** What can be asked of a router, by path: what a service tells the gateway at `/procedures`. */
export const ProcedureTypes = z.object({
  procedures: z.record(z.string(), z.enum(["query", "mutation", "subscription"])),
  /** Those that it takes several calls of in one request. A service of an earlier release names none. */
  gathered: z.array(z.string()).default([]),
});

type Procedures = Record<string, { _def: { type: TRPCProcedureType; meta?: ProcedureMeta } }>;

export function procedureTypesOf(router: AnyTRPCRouter): z.infer<typeof ProcedureTypes> {
  const procedures = Object.entries(router._def.procedures as Procedures);
  return {
    procedures: Object.fromEntries(procedures.map(([path, { _def }]) => [path, _def.type])),
    gathered: procedures.filter(([, { _def }]) => _def.meta?.isGathered).map(([path]) => path),
  };
}
