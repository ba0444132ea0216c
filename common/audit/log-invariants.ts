import type { Invariant } from "./invariant.ts";

const contiguous: Invariant = {
  name: "log-contiguous",
  law: "A stream has an event at each position, from the oldest that is kept to the newest.",
  kind: "law",
  checked: "select count(*) from event",
  violations: `
    select stream || '@' || position as id,
      case when before is null then 'comes before the first position'
           else 'follows ' || before || ': ' || (position - before - 1) || ' missing' end as problem
    from (select stream, position, lag(position) over (partition by stream order by position) as before from event) e
    where position <> before + 1 or position < 1`,
};

const head: Invariant = {
  name: "log-head",
  law: "A stream's head is the position of its last event, its last id that event's id.",
  kind: "law",
  checked: "select count(*) from stream",
  violations: `
    select coalesce(s.name, last.stream) as id,
      case when s.name is null then 'has events and no head'
           when s.head <> coalesce(last.position, 0)
             then 'the head is ' || s.head || ', the last event is at ' || coalesce(last.position, 0)
           else 'the last id is ' || coalesce(s.last_id::text, 'none') || ', that of the event at ' || s.head || ' is '
             || coalesce(last.id::text, 'none') end as problem
    from stream s full join (
      select top.stream, top.position, e.id
      from (select stream, max(position) as position from event group by stream) top
      join event e on e.stream = top.stream and e.position = top.position
    ) last on last.stream = s.name
    where s.name is null or s.head <> coalesce(last.position, 0) or s.last_id is distinct from last.id`,
};

const ids: Invariant = {
  name: "log-ids",
  law: "An event's id is its own.",
  kind: "law",
  checked: "select count(*) from event",
  violations: `
    select id::text as id, 'is at ' || string_agg(stream || '@' || position, ', ' order by stream, position) as problem
    from event group by id having count(*) > 1`,
};

/** Of the log that a service writes. */
export const logInvariants: Invariant[] = [contiguous, head, ids];
