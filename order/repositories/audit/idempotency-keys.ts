import type { Invariant } from "@orderflow/common/audit/invariant";

export const idempotencyKeys: Invariant = {
  name: "idempotency-keys",
  law: "An idempotency key names one order, which exists.",
  kind: "law",
  checked: "select count(*) from idempotency_key",
  violations: `
    select k.key::text as id, 'of ' || k.caller_id || ' names ' || count(*) || ' orders, of which '
      || count(*) filter (where o.id is null) || ' are not there: ' || string_agg(k.order_id::text, ', ') as problem
    from idempotency_key k left join customer_order o on o.id = k.order_id
    group by k.caller_id, k.key having count(*) > 1 or count(o.id) < count(*)`,
};
