/** What an API key may be good for: reading (queries, subscriptions) and writing (mutations) at one service. */
export const scopes = [
  "order:read",
  "order:write",
  "inventory:read",
  "inventory:write",
  "notify:read",
  "notify:write",
  "worker:read",
  "worker:write",
  // There is no account:write: a key that could make keys would outlive its own revocation.
  "account:read",
  "settings:read",
  "settings:write",
] as const;

export type ProcedureType = "query" | "mutation" | "subscription";

/** The scope that a call needs. For a mutation of accounts there is none that a key could have. */
export function scopeOf(service: string, type: ProcedureType): string {
  return `${service}:${type === "mutation" ? "write" : "read"}`;
}
