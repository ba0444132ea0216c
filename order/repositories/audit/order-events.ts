import type { Invariant } from "@orderflow/common/audit/invariant";
import { keptSince, wholeSince } from "@orderflow/common/audit/kept-since";

export const orderEvents: Invariant = {
  name: "order-events",
  law: "Each change of an order has its event in the log, and each event its change.",
  kind: "law",
  checked: "select count(*) from event where stream = 'order'",
  violations: `
    select coalesce(step.order_id::text, e.key) as id,
      case when e.id is null then step.event || ' has no event ' || step.event_id
           when step.event_id is null then e.type || ' at ' || e.position || ' is no step'
           else step.event || ' of this order is ' || e.type || ' of ' || e.key || ' at ' || e.position end as problem
    from (select order_id, event, event_id, at from timeline_entry where event like 'order.%') step
    full join (select position, id, type, key, time from event where stream = 'order') e on e.id = step.event_id
    where (e.id is null and step.at > ${keptSince("order")}) or (step.event_id is null and e.time >= ${wholeSince("timelines")})
      or e.type <> step.event or e.key <> step.order_id::text`,
};

export const orderEventsOnce: Invariant = {
  name: "order-events-once",
  law: "An order reaches a state once.",
  kind: "law",
  checked: "select count(*) from event where stream = 'order'",
  violations: `
    select key as id, type || ' at ' || string_agg(position::text, ', ' order by position) as problem
    from event where stream = 'order' group by key, type having count(*) > 1`,
};
