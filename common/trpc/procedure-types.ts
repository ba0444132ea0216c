import type { AnyTRPCRouter, TRPCProcedureType } from "@trpc/server";
import { z } from "zod";

/** What can be asked of a router, by path: what a service tells the gateway at `/procedures`. */
export const ProcedureTypes = z.object({
  procedures: z.record(z.string(), z.enum(["query", "mutation", "subscription"])),
});

export function procedureTypesOf(router: AnyTRPCRouter): z.infer<typeof ProcedureTypes> {
  const procedures = Object.entries<{ _def: { type: TRPCProcedureType } }>(router._def.procedures);
  return { procedures: Object.fromEntries(procedures.map(([path, { _def }]) => [path, _def.type])) };
}
