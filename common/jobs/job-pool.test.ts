import { afterAll, beforeAll, expect, test } from "bun:test";
import { createTestDatabase, type TestDatabase } from "@orderflow/tools/testing/test-database";
import { createLogger } from "../observability/logger.ts";
import { JobPool } from "./job-pool.ts";

let database: TestDatabase;
let pool: JobPool;
beforeAll(async () => {
  database = await createTestDatabase({ service: "jobs" });
  const logger = createLogger({ service: "worker", instance: "worker-1", level: "silent" });
  pool = new JobPool({ url: database.url, max: 1, logger });
});
afterAll(async () => {
  await pool.close(1_000);
  await database.drop();
});

async function planOf(query: string): Promise<string> {
  const { rows } = await pool.query<{ "QUERY PLAN": string }>(`explain ${query}`);
  return rows.map((row) => row["QUERY PLAN"]).join("\n");
}

// The plan made for an empty queue is kept while it grows.
test("an empty queue is fetched from in the order of its index", async () => {
  const plan = await planOf(`
    select id from graphile_worker._private_jobs where is_available = true and run_at <= now()
    order by priority, run_at limit 50 for update skip locked`);
  expect(plan).toContain("jobs_main_index");
  expect(plan).not.toContain("Sort");
});

test("what a runner holds is found without reading the queue", async () => {
  const plan = await planOf("select id from graphile_worker._private_jobs where locked_by = 'x' and locked_at < now()");
  expect(plan).toContain("orderflow_held_jobs");
});
