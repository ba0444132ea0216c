import { TRPCError } from "@trpc/server";
import type { Call, UnknownCall } from "../../domain/read-calls.ts";
import { type ProcedureType, scopeOf } from "../../domain/scopes.ts";
import type { AnyCaller } from "./resolve-caller.ts";

/** An API key was not made for what is asked with it. */
export class MissingScope extends TRPCError {
  readonly reason = "missing_scope";

  constructor(name: string, scope: string) {
    super({ code: "FORBIDDEN", message: `The API key lacks the scope ${scope} for ${name}` });
  }
}

/** Throws MissingScope for the whole request when one of its calls is beyond the caller's API key. */
export function requireScopes(
  { apiKey }: AnyCaller,
  calls: readonly (Call | UnknownCall)[],
  types: readonly (ProcedureType | undefined)[],
): void {
  if (!apiKey) return;
  for (const [index, { name, service }] of calls.entries()) {
    const type = types[index];
    if (service === undefined || type === undefined) continue;
    const scope = scopeOf(service, type);
    if (!apiKey.scopes.includes(scope)) throw new MissingScope(name, scope);
  }
}
