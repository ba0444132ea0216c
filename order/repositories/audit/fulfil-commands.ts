import type { Invariant } from "@orderflow/common/audit/invariant";
import { keptSince } from "@orderflow/common/audit/kept-since";

/** Both are appended by one transaction, so they have one time. */
export const fulfilCommands: Invariant = {
  name: "fulfil-commands",
  law: "Worker is commanded once for each order that is confirmed, and for no other.",
  kind: "law",
  checked: "select count(*) from event where stream = 'order.commands.worker'",
  violations: `
    select key as id, confirmed || ' times confirmed, ' || commanded || ' times commanded' as problem
    from (
      select key, count(*) filter (where type = 'order.confirmed') as confirmed,
        count(*) filter (where type = 'fulfil-order') as commanded
      from event
      where type in ('order.confirmed', 'fulfil-order')
        and time > greatest(${keptSince("order")}, ${keptSince("order.commands.worker")})
      group by key
    ) told
    where confirmed <> 1 or commanded <> 1`,
};

/** Looks up the lines of each order by their index: joined as a set, tables without statistics were compared row by row, for minutes. */
export const fulfilLines: Invariant = {
  name: "fulfil-lines",
  law: "Worker is commanded to ship what was ordered.",
  kind: "law",
  checked: "select count(*) from event where stream = 'order.commands.worker'",
  violations: `
    select e.key as id, 'ordered ' || coalesce(l.lines::text, 'nothing') || ', commanded ' || (e.data->>'lines') as problem
    from event e left join lateral (
      select jsonb_agg(jsonb_build_object('sku', sku, 'quantity', quantity) order by position) as lines
      from order_line where order_id = case when e.key ~ '^[0-9a-f-]{36}$' then e.key::uuid end
    ) l on true
    where e.stream = 'order.commands.worker' and e.type = 'fulfil-order' and l.lines is distinct from e.data->'lines'`,
};
