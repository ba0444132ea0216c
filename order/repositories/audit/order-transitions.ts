import type { Invariant } from "@orderflow/common/audit/invariant";

export const orderTransitions: Invariant = {
  name: "order-transitions",
  law: "An order goes only where its life allows, each time by the event of that name.",
  kind: "law",
  checked: "select count(*) from timeline_entry",
  violations: `
    select order_id::text as id, coalesce(before, 'nothing') || ' → ' || status || ' by ' || event as problem
    from (
      select order_id, event, status,
        lag(status) over (partition by order_id order by version, sequence) as before
      from timeline_entry
    ) step
    where not case
        when before is null then status = 'pending'
        when before = status then true
        else (before, status) in (('pending', 'confirmed'), ('pending', 'rejected'), ('pending', 'cancelled'),
          ('confirmed', 'cancelled'), ('confirmed', 'shipped'), ('shipped', 'delivered')) end
      or event like 'order.%' and event <> 'order.' || case status when 'pending' then 'created' else status end`,
};
