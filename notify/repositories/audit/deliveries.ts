import type { Invariant } from "@orderflow/common/audit/invariant";
import { awaitedJobs } from "@orderflow/common/audit/job-invariants";

export const oneDelivery: Invariant = {
  name: "one-delivery",
  law: "Nobody is told a thing twice: one delivery per (order, kind, channel) and per (event, channel).",
  kind: "law",
  checked: "select count(*) from delivery",
  violations: `
    select order_id::text as id, kind || ' by ' || channel || ': ' || count(*) || ' deliveries' as problem
    from delivery where order_id is not null group by order_id, kind, channel having count(*) > 1
    union all
    select event_id::text, 'event by ' || channel || ': ' || count(*) || ' deliveries'
    from delivery group by event_id, channel having count(*) > 1`,
};

export const deliveryStates: Invariant = {
  name: "delivery-states",
  law: "A delivery that was sent says when, and one that was tried how often.",
  kind: "law",
  checked: "select count(*) from delivery",
  violations: `
    select id::text as id, status || ' after ' || attempts || ' attempts, sent ' || coalesce(sent_at::text, 'never') as problem
    from delivery
    where (sent_at is not null) <> (status = 'sent') or attempts < (status <> 'pending')::int`,
};

export const deliveryJobs = awaitedJobs({
  name: "delivery-jobs",
  law: "A delivery that waits has the job that sends it.",
  waiting: "select id::text as id, 'send-mail:' || id as job from delivery where status = 'pending'",
});
