import type { Damage } from "./plant-damage.ts";

/** What can happen to a log that holds three events of this stream or more. */
export function logDamage(stream: string): Damage[] {
  return [
    { breaks: "log-contiguous", by: [`delete from event where stream = '${stream}' and position = 2`] },
    {
      breaks: "log-head",
      by: [
        `delete from event where stream = '${stream}' and position = (select max(position) from event where stream = '${stream}')`,
      ],
    },
    { breaks: "log-head", by: [`update stream set head = head + 1 where name = '${stream}'`] },
    { breaks: "log-head", by: [`update stream set last_id = gen_random_uuid() where name = '${stream}'`] },
    { breaks: "log-head", by: [`delete from stream where name = '${stream}'`] },
    {
      breaks: "log-ids",
      by: [
        `update event set id = (select id from event where stream = '${stream}' and position = 1) where stream = '${stream}' and position = 3`,
      ],
    },
  ];
}

const letter =
  "(stream, position, key, event, is_parked, error, attempts) values ('s', 3, 'k', '{\"type\": \"t\"}', false, 'no', 3)";

const logId = "00000000-0000-4000-8000-000000000000";
const skippedTo3 = `
  insert into skipped_range (stream, after_position, to_position, log_id, skipped_by, reason)
  values ('s', 0, 3, '${logId}', 'ann', 'why')`;

/** What can happen to what a consumer notes. */
export const consumerDamage: Damage[] = [
  { breaks: "cursor-whole", by: ["insert into cursor (stream, position) values ('s', 7)"] },
  { breaks: "dead-letters-counted", by: ["insert into cursor (stream, dead_letters) values ('s', 1)"] },
  { breaks: "dead-letters-counted", by: [`insert into dead_letter ${letter}`] },
  {
    breaks: "dead-letters",
    by: [
      "insert into cursor values ('s', 3, gen_random_uuid(), gen_random_uuid(), 1)",
      `insert into dead_letter ${letter}`,
    ],
  },
  { breaks: "skipped-events", by: [cursorAt(2), skippedTo3] },
  {
    breaks: "skipped-events",
    by: [cursorAt(4), skippedTo3, `insert into cursor_trail values ('s', 4, '[["a", "t", "k"], ["b", "t", "k"]]')`],
  },
];

function cursorAt(position: number): string {
  return `insert into cursor (stream, position, log_id, event_id) values ('s', ${position}, '${logId}', gen_random_uuid())`;
}

/** What can happen to jobs. */
export const jobDamage: Damage[] = [
  {
    breaks: "jobs-exhausted",
    by: [
      "select graphile_worker.add_job('send', max_attempts := 1)",
      "update graphile_worker._private_jobs set attempts = max_attempts",
    ],
  },
];
