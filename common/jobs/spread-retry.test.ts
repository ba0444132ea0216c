import { afterAll, beforeAll, expect, test } from "bun:test";
import { eventually } from "@orderflow/tools/testing/eventually";
import { createTestDatabase, type TestDatabase } from "@orderflow/tools/testing/test-database";
import { createLogger } from "../observability/logger.ts";
import { createMetrics } from "../observability/metrics.ts";
import { addJobs } from "./add-jobs.ts";
import { type Jobs, startJobs } from "./start-jobs.ts";

const identity = { service: "worker", instance: "worker-1" };
let database: TestDatabase;
let jobs: Jobs;

beforeAll(async () => {
  database = await createTestDatabase({ service: "jobs" });
});
afterAll(async () => {
  await jobs.stop();
  await database.drop();
});

test("jobs that failed together are tried again apart: after 1 to 1.5 times the delay", async () => {
  const startedAt = Date.now();
  jobs = await startJobs({
    databaseUrl: database.url,
    tasks: { fragile: () => Promise.reject(new Error("carrier away")) },
    concurrency: 10,
    logger: createLogger({ ...identity, level: "silent" }),
    metrics: createMetrics({ ...identity, defaults: false }),
  });
  await addJobs(
    database.sql,
    Array.from({ length: 30 }, () => ({ task: "fragile", payload: {} })),
  );
  const delaysMs = await eventually(async () => {
    const rows: { run_at: Date }[] = await database.sql`
      select run_at from graphile_worker.jobs where attempts = 1 and last_error is not null`;
    expect(rows).toHaveLength(30);
    return rows.map(({ run_at }) => run_at.getTime() - startedAt);
  });
  const failedForMs = Date.now() - startedAt;
  const firstMs = Math.exp(1) * 1_000;
  expect(Math.min(...delaysMs)).toBeGreaterThanOrEqual(firstMs);
  expect(Math.max(...delaysMs)).toBeLessThanOrEqual(1.5 * firstMs + failedForMs);
  // Without it they would lie within the time in which they failed, some 50 ms.
  expect(Math.max(...delaysMs) - Math.min(...delaysMs)).toBeGreaterThan(400);
  expect(new Set(delaysMs).size).toBeGreaterThan(20);
});
