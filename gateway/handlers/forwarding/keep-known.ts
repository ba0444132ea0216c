import type { Call, Calls, UnknownCall } from "../../domain/read-calls.ts";
import type { ProcedureType } from "../../domain/scopes.ts";
import type { ProcedureCatalog } from "../../providers/procedure-catalog.ts";

export type KnownCalls = {
  calls: Calls;
  /** By position; undefined for an unknown call. */
  types: readonly (ProcedureType | undefined)[];
};

/** Makes every call unknown that no service has: only what is composed is forwarded. Throws Unavailable when that cannot be told. */
export async function keepKnown(asked: Calls, catalog: ProcedureCatalog): Promise<KnownCalls> {
  const found = asked.calls.map((call) => (call.service ? catalog.typeOf(call.service, call.procedure) : undefined));
  const types = found.some((type) => type instanceof Promise)
    ? await Promise.all(found)
    : (found as (ProcedureType | undefined)[]);
  if (types.every((type) => type !== undefined)) return { calls: asked, types };
  const calls = asked.calls.map((call, index): Call | UnknownCall =>
    types[index] === undefined ? { name: call.name, service: undefined } : call,
  );
  return { calls: { ...asked, calls }, types };
}
