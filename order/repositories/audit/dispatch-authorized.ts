import type { Invariant } from "@orderflow/common/audit/invariant";

export const dispatchAuthorized: Invariant = {
  name: "dispatch-authorized",
  law: "What was shipped was authorized to be, and what was authorized is not cancelled.",
  kind: "law",
  checked: "select count(*) from customer_order",
  violations: `
    select id::text as id, 'is ' || status || ', its dispatch ' ||
      case when dispatch_authorized_at is null then 'was never authorized' else 'was authorized' end as problem
    from customer_order
    where (status in ('shipped', 'delivered') and dispatch_authorized_at is null)
      or (status in ('pending', 'rejected', 'cancelled') and dispatch_authorized_at is not null)`,
};
