import type { Pool } from "pg";
import type { Metrics } from "../observability/metrics.ts";
import { jobsOfRow } from "./bundles/bundle.ts";
import { JobState } from "./list-jobs.ts";

export type JobMetrics = {
  began(): void;
  ran(task: string, outcome: "completed" | "failed" | "exhausted", durationS: number): void;
  /** Jobs that lay in one row of the queue. */
  bundled(task: string, jobs: number): void;
  /** No longer counts waiting jobs at a scrape. */
  stop(): void;
};

const minCountIntervalMs = 5_000;
const bundleBuckets = [2, 5, 10, 20, 50];
const durationBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** Jobs run, how long they took, and, counted at a scrape but at most every 5 s, how many wait in which state. */
export function createJobMetrics(metrics: Metrics, pool: Pool): JobMetrics {
  const runs = metrics.counter("jobs_run_total", "Attempts to run a job, by outcome", ["task", "outcome"]);
  const duration = metrics.histogram("job_duration_seconds", "Time one attempt took", durationBuckets, ["task"]);
  const bundles = metrics.histogram("job_bundle_jobs", "Jobs that were fetched in one bundle", bundleBuckets, ["task"]);
  const active = metrics.gauge("jobs_active", "Jobs under way in this process");
  const waiting = metrics.gauge("jobs", "Jobs that are not done, by state", ["state"]);
  let countedAt = Number.NEGATIVE_INFINITY;
  const stop = metrics.onScrape(async () => {
    if (performance.now() - countedAt < minCountIntervalMs) return;
    countedAt = performance.now();
    const { rows } = await pool.query<{ state: string; count: number }>(countByState);
    for (const state of JobState.options) waiting.set({ state }, rows.find((row) => row.state === state)?.count ?? 0);
  });
  let underWay = 0;
  active.set(underWay);
  return {
    began: () => active.set(++underWay),
    ran(task, outcome, durationS) {
      active.set(--underWay);
      runs.inc({ task, outcome });
      duration.observe({ task }, durationS);
    },
    bundled: (task, jobs) => bundles.observe({ task }, jobs),
    stop,
  };
}

const countByState = `
  select case when locked_at is not null then 'running' when attempts >= max_attempts then 'exhausted'
              when run_at > now() then 'scheduled' else 'ready' end as state, sum(${jobsOfRow})::int as count
  from graphile_worker._private_jobs group by 1`;
