import type { Invariant } from "@orderflow/common/audit/invariant";

export const orderNumbers: Invariant = {
  name: "order-numbers",
  law: "An order's number is its own.",
  kind: "law",
  checked: "select count(*) from customer_order",
  violations: `
    select number as id, 'is the number of ' || string_agg(id::text, ', ' order by id) as problem
    from customer_order group by number having count(*) > 1`,
};
