import type { Invariant } from "./invariant.ts";

/** Of a service that keeps what it answered in this column of `idempotency_key`. */
export function keysAnsweredOnce(column: "answer" | "response"): Invariant {
  return {
    name: "idempotency-keys",
    law: "An idempotency key has one answer.",
    kind: "law",
    checked: "select count(*) from idempotency_key",
    violations: `
      select key::text as id, 'of ' || caller_id || ' has ' || count(${column}) || ' answers' as problem
      from idempotency_key group by caller_id, key having count(*) > 1 or count(${column}) <> 1`,
  };
}
