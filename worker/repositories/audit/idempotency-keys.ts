import type { Invariant } from "@orderflow/common/audit/invariant";

export const idempotencyKeys: Invariant = {
  name: "idempotency-keys",
  law: "An idempotency key has one answer.",
  kind: "law",
  checked: "select count(*) from idempotency_key",
  violations: `
    select key::text as id, 'of ' || caller_id || ' has ' || count(answer) || ' answers' as problem
    from idempotency_key group by caller_id, key having count(*) > 1 or count(answer) <> 1`,
};
