import type { Invariant } from "./invariant.ts";

const cursors: Invariant = {
  name: "cursor-whole",
  law: "A cursor that has moved says which event of which log it stands at.",
  kind: "law",
  checked: "select count(*) from cursor",
  violations: `
    select stream as id, 'is at ' || position || ', event ' || coalesce(event_id::text, 'none')
      || ', log ' || coalesce(log_id::text, 'none') as problem
    from cursor
    where position < 0 or (position > 0) <> (event_id is not null) or (position > 0) <> (log_id is not null)`,
};

const counted: Invariant = {
  name: "dead-letters-counted",
  law: "A cursor counts its stream's dead letters, none of which is ahead of it: so that none is passed over.",
  kind: "law",
  checked: "select count(*) from cursor",
  violations: `
    select coalesce(c.stream, d.stream) as id, 'the cursor at ' || coalesce(c.position::text, 'none') || ' counts '
      || coalesce(c.dead_letters, 0) || ', there are ' || coalesce(d.count, 0) || ', the last at '
      || coalesce(d.last::text, 'none') as problem
    from cursor c full join (select stream, count(*), max(position) as last from dead_letter group by stream) d
      on d.stream = c.stream
    where coalesce(c.dead_letters, 0) <> coalesce(d.count, 0) or d.last > coalesce(c.position, 0)`,
};

const deadLetters: Invariant = {
  name: "dead-letters",
  law: "No event waits as a dead letter, and none is parked behind one.",
  kind: "attention",
  checked: "select count(*) from cursor",
  violations: `
    select stream || '@' || position as id, (event->>'type') || ' of ' || key || ': '
      || case when is_parked then 'parked' else left(error, 200) end as problem
    from dead_letter`,
};

const skipped: Invariant = {
  name: "skipped-events",
  law: "Events that an operator had this service skip lie behind its cursor, and none of them was applied.",
  kind: "law",
  checked: "select coalesce(sum(to_position - after_position), 0) from skipped_range",
  violations: `
    select s.stream || '@' || s.to_position as id, 'skipped from ' || s.after_position + 1 || ' by ' || s.skipped_by
      || ': ' || case when c.position < s.to_position then 'the cursor is at ' || c.position
        else 'applied up to ' || t.position end as problem
    from skipped_range s join cursor c on c.stream = s.stream and c.log_id = s.log_id
      left join cursor_trail t on t.stream = s.stream and t.position > s.after_position
        and t.position - jsonb_array_length(t.events) < s.to_position
    where c.position < s.to_position or t.position is not null`,
};

/** Of what a service has heard. */
export const consumerInvariants: Invariant[] = [cursors, counted, deadLetters, skipped];
