import type { Invariant } from "@orderflow/common/audit/invariant";
import { wholeSince } from "@orderflow/common/audit/kept-since";

/** An authorized dispatch is the one change that is no step: the parcel has not moved yet. */
export const orderStatus: Invariant = {
  name: "order-status",
  law: "An order has the status of its last step, and a step for each of its versions, unless they were pruned.",
  kind: "law",
  checked: "select count(*) from customer_order",
  violations: `
    select coalesce(o.id, t.order_id)::text as id,
      case when o.id is null then 'has steps and is no order'
           when t.order_id is null then 'is ' || o.status || ' and has no step'
           when t.status <> o.status then 'is ' || o.status || ', its last step says ' || t.status
           else 'is at version ' || o.version || ', its steps are of the versions ' || t.versions end as problem
    from customer_order o full join (
      select order_id, (array_agg(status order by sequence desc))[1] as status, min(version) as first,
        max(version) as last, count(distinct version) as steps, string_agg(distinct version::text, ', ') as versions
      from timeline_entry group by order_id
    ) t on t.order_id = o.id
    where o.id is null or (t.order_id is null and (o.placed_at >= ${wholeSince("timelines")}
        or o.status not in ('delivered', 'rejected', 'cancelled')))
      or t.status <> o.status or t.first <> 1 or t.last > o.version
      or o.version - t.steps not between 0 and (o.dispatch_authorized_at is not null)::int`,
};
