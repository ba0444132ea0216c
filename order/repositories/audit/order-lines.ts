import type { Invariant } from "@orderflow/common/audit/invariant";

export const orderLines: Invariant = {
  name: "order-lines",
  law: "An order has its lines, and they add up to its total.",
  kind: "law",
  checked: "select count(*) from customer_order",
  violations: `
    select coalesce(o.id, l.order_id)::text as id,
      case when o.id is null then 'has lines and is no order'
           else coalesce(l.count, 0) || ' lines, the last at ' || coalesce(l.last, -1) || ', worth '
             || coalesce(l.total, 0) || ', total ' || o.total_minor end as problem
    from customer_order o full join (
      select order_id, count(*), max(position) as last, sum(quantity * unit_price_minor) as total
      from order_line group by order_id
    ) l on l.order_id = o.id
    where o.id is null or l.order_id is null or l.last <> l.count - 1 or l.total <> o.total_minor`,
};
