import type { Invariant } from "@orderflow/common/audit/invariant";
import { awaitedJobs } from "@orderflow/common/audit/job-invariants";
import { keptSince } from "@orderflow/common/audit/kept-since";

export const oneShipment: Invariant = {
  name: "one-shipment",
  law: "An order has at most one shipment.",
  kind: "law",
  checked: "select count(*) from shipment",
  violations: `
    select order_id::text as id, 'has the shipments ' || string_agg(id::text, ', ' order by id) as problem
    from shipment group by order_id having count(*) > 1`,
};

export const shipmentStates: Invariant = {
  name: "shipment-states",
  law: "A shipment has the times of the states it reached, and no others.",
  kind: "law",
  checked: "select count(*) from shipment",
  violations: `
    select id::text as id, status || ', dispatched ' || coalesce(dispatched_at::text, 'never') || ', delivered '
      || coalesce(delivered_at::text, 'never') || ', cancelled ' || coalesce(cancelled_at::text, 'never') as problem
    from shipment
    where (dispatched_at is not null) <> (status in ('dispatched', 'delivered'))
      or (delivered_at is not null) <> (status = 'delivered') or (cancelled_at is not null) <> (status = 'cancelled')`,
};

export const shipmentEvents: Invariant = {
  name: "shipment-events",
  law: "A dispatch and a delivery are told once each.",
  kind: "law",
  checked: "select count(*) from shipment",
  violations: `
    select coalesce(s.id::text, t.id, t.key) as id, coalesce(s.status, 'no shipment') || '; told: '
      || coalesce(t.dispatched, 0) || ' dispatched, ' || coalesce(t.delivered, 0) || ' delivered' as problem
    from shipment s full join (
      select key, data->>'shipmentId' as id, count(*) filter (where type = 'shipment.dispatched') as dispatched,
        count(*) filter (where type = 'shipment.delivered') as delivered
      from event where stream = 'worker' and type in ('shipment.dispatched', 'shipment.delivered')
      group by key, data->>'shipmentId'
    ) t on t.id = s.id::text and t.key = s.order_id::text
    where s.id is null
      or s.dispatched_at > ${keptSince("worker")} and coalesce(t.dispatched, 0) <> (s.status in ('dispatched', 'delivered'))::int
      or s.delivered_at > ${keptSince("worker")} and coalesce(t.delivered, 0) <> (s.status = 'delivered')::int
      or t.dispatched > (s.status in ('dispatched', 'delivered'))::int or t.delivered > (s.status = 'delivered')::int`,
};

export const shipmentJobs = awaitedJobs({
  name: "shipment-jobs",
  law: "A shipment that waits for a step has the job that takes it.",
  waiting: `
    select id::text as id, case status when 'requested' then 'book-shipment:' when 'booked' then 'dispatch-shipment:'
      else 'deliver-shipment:' end || id as job
    from shipment where status in ('requested', 'booked', 'dispatched')`,
});
