import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { createTestDatabase, type TestDatabase } from "@orderflow/tools/testing/test-database";
import { addJobs } from "./add-jobs.ts";
import { listJobs } from "./list-jobs.ts";
import { rerunJob } from "./rerun-job.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase({ service: "jobs" });
});
beforeEach(async () => {
  await database.sql`delete from graphile_worker._private_jobs`;
});
afterAll(() => database.drop());

test("a key that waits already is replaced, and of two in one set the later stays", async () => {
  await addJobs(database.sql, [{ task: "mail", payload: { n: 1 }, key: "event-1" }]);
  await addJobs(database.sql, [
    { task: "mail", payload: { n: 2 }, key: "event-1" },
    { task: "mail", payload: { n: 3 }, key: "event-1" },
    { task: "mail", payload: { n: 4 } },
  ]);
  const rows: { payload: { n: number } }[] =
    await database.sql`select payload from graphile_worker._private_jobs order by id`;
  expect(rows.map((row) => row.payload.n)).toEqual([3, 4]);
});

test("a job keeps its time, its attempts and what led to it", async () => {
  const runAt = new Date(Date.now() + 60_000);
  const trace = { traceparent: `00-${"a".repeat(32)}-${"b".repeat(16)}-01`, causationId: "event-1" };
  await addJobs(database.sql, [
    { task: "ship", payload: { text: 'quote " and \u0001 and ü' }, runAt, maxAttempts: 3, trace },
  ]);
  const { items } = await listJobs(database.sql, { limit: 1 });
  expect(items[0]).toMatchObject({
    task: "ship",
    runAt: runAt.toISOString(),
    maxAttempts: 3,
    attempts: 0,
    state: "scheduled",
    key: null,
    lastError: null,
  });
  const [row] = await database.sql`select payload from graphile_worker._private_jobs`;
  expect(row.payload).toEqual({ text: 'quote " and \u0001 and ü', _trace: trace });
});

test("jobs are listed newest first, page by page, by state", async () => {
  await addJobs(database.sql, [{ task: "task-0", payload: {}, runAt: new Date(Date.now() + 60_000) }]);
  for (let n = 1; n < 5; n++) await addJobs(database.sql, [{ task: `task-${n}`, payload: {} }]);
  const first = await listJobs(database.sql, { limit: 2, state: "ready" });
  const second = await listJobs(database.sql, { limit: 2, state: "ready", cursor: first.nextCursor ?? "" });
  expect([...first.items, ...second.items].map((job) => job.task)).toEqual(["task-4", "task-3", "task-2", "task-1"]);
  expect(second.nextCursor).toBeNull();
  expect((await listJobs(database.sql, { limit: 9, cursor: "nonsense'; --" })).items).toHaveLength(5);
});

test("no jobs are no statement, and too many are refused", async () => {
  await addJobs(database.sql, []);
  await expect(
    addJobs(
      database.sql,
      Array.from({ length: 10_001 }, () => ({ task: "x", payload: {} })),
    ),
  ).rejects.toThrow(RangeError);
});

test.each(["999999", "abc", "", "9".repeat(30)])("rerunning %p, which is no job, is refused", async (id) => {
  await expect(rerunJob(database.sql, id)).rejects.toMatchObject({ reason: "job_not_found" });
});
