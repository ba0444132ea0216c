import type { Invariant } from "./invariant.ts";

/** SQL: each bundle's id with the keys of the jobs in it. */
export const bundledKeys = `
  select job.id, bundled->>'key' as key from graphile_worker._private_jobs job
    cross join lateral json_array_elements(
      case json_typeof(payload->'bundle') when 'array' then payload->'bundle' else '[]'::json end) bundled
  where bundled->>'key' is not null`;

const exhausted: Invariant = {
  name: "jobs-exhausted",
  law: "No job has run out of attempts.",
  kind: "attention",
  checked: "select count(*) from graphile_worker.jobs",
  violations: `
    select id::text as id, task_identifier || coalesce(' ' || key, '') || ': '
      || left(coalesce(last_error, 'no error'), 200) as problem
    from graphile_worker.jobs where attempts >= max_attempts and locked_at is null`,
};

/** Of the jobs of a service that has any. */
export const jobInvariants: Invariant[] = [exhausted];

/** A law that what waits for a step has the job that takes it, alone or in a bundle. Without it, it would wait for ever. */
export function awaitedJobs({ name, law, waiting }: { name: string; law: string; waiting: string }): Invariant {
  return {
    name,
    law,
    kind: "law",
    checked: `select count(*) from (${waiting}) waiting`,
    violations: `
      with waiting as (${waiting}), bundled as materialized (${bundledKeys})
      select waiting.id, 'waits, and there is no job ' || waiting.job as problem from waiting
      where not exists (select from graphile_worker.jobs j where j.key = waiting.job)
        and not exists (select from bundled where bundled.key = waiting.job)`,
  };
}
