import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { createTestDatabase, type TestDatabase } from "@orderflow/tools/testing/test-database";
import { withCorrelation } from "../../observability/tracing.ts";
import type { Job } from "../add-jobs.ts";
import { listJobs } from "../list-jobs.ts";
import { withoutJobs } from "../without-jobs.ts";
import { addBundled } from "./add-bundled.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase({ service: "jobs" });
});
beforeEach(async () => {
  await database.sql`delete from graphile_worker._private_jobs`;
});
afterAll(() => database.drop());

const someJobs = (count: number, rest: Partial<Job> = {}): Job[] =>
  Array.from({ length: count }, (_, n) => ({ task: "mail", payload: { n }, key: `mail:${n}`, ...rest }));

async function listed() {
  const { items } = await listJobs(database.sql, { limit: 100 });
  return items.map(({ task, jobs, key }) => ({ task, jobs, key })).sort((a, b) => b.jobs - a.jobs);
}

test("jobs of one task lie fifty in a row of the queue, and one that is left over lies alone under its key", async () => {
  await addBundled(database.sql, someJobs(101));
  expect(await listed()).toEqual([
    { task: "mail:bundle", jobs: 50, key: null },
    { task: "mail:bundle", jobs: 50, key: null },
    { task: "mail", jobs: 1, key: "mail:100" },
  ]);
});

test("jobs of different tasks, or with a different number of attempts, do not share a bundle", async () => {
  await addBundled(database.sql, [
    ...someJobs(2),
    ...someJobs(2, { task: "book", key: undefined }),
    ...someJobs(2, { task: "book", key: undefined, maxAttempts: 3 }),
  ]);
  expect((await listed()).map(({ task, jobs }) => `${jobs} ${task}`).sort()).toEqual([
    "2 book:bundle",
    "2 book:bundle",
    "2 mail:bundle",
  ]);
});

test("jobs due within 100 ms begin together with the last of them, and those of another time apart", async () => {
  const start = Date.now() + 60_000;
  const offsetsMs = [200, 0, 100, 60, 450];
  await addBundled(
    database.sql,
    offsetsMs.map((ms) => ({ task: "ship", payload: {}, runAt: new Date(start + ms) })),
  );
  const { items } = await listJobs(database.sql, { limit: 10 });
  const times = items.map(({ runAt, jobs }) => [Date.parse(runAt) - start, jobs]);
  expect(times.sort(([a = 0], [b = 0]) => a - b)).toEqual([
    [100, 3],
    [200, 1],
    [450, 1],
  ]);
});

test("each job in a bundle keeps its key and what led to it", async () => {
  await withCorrelation("c-1", () => addBundled(database.sql, someJobs(1, { trace: { causationId: "e-1" } })));
  await withCorrelation("c-2", () =>
    addBundled(database.sql, [...someJobs(1, { trace: { causationId: "e-2" } }), { task: "mail", payload: {} }]),
  );
  const [, bundle] = await database.sql`select payload from graphile_worker._private_jobs order by id`;
  expect(bundle.payload.bundle).toMatchObject([
    { key: "mail:0", payload: { n: 0, _trace: { causationId: "e-2" } } },
    { key: null, payload: { _trace: { correlationId: "c-2" } } },
  ]);
});

test("of two jobs with one key the later stays, and a replay adds none", async () => {
  await addBundled(database.sql, [...someJobs(2), { task: "mail", payload: { n: 9 }, key: "mail:0" }]);
  const [{ payload }] = await database.sql`select payload from graphile_worker._private_jobs`;
  expect(payload.bundle.map((each: { payload: { n: number } }) => each.payload.n).sort()).toEqual([1, 9]);
  await withoutJobs(() => addBundled(database.sql, someJobs(3)));
  expect(await listed()).toHaveLength(1);
});

test("before a release without bundles takes over, the statement in docs/upgrades.md takes them apart", async () => {
  const runAt = new Date(Date.now() + 60_000);
  await addBundled(database.sql, someJobs(60, { runAt, maxAttempts: 7, trace: { correlationId: "c-1" } }));
  const page = await Bun.file(`${import.meta.dir}/../../../docs/upgrades.md`).text();
  const statement = /```sql\n(with bundle[^`]+)```/.exec(page)?.[1] ?? "";
  const [taken] = await database.sql.unsafe(statement);
  expect(taken).toEqual({ jobs: "60" });
  const { items } = await listJobs(database.sql, { limit: 100 });
  expect(new Set(items.map(({ key }) => key)).size).toBe(60);
  for (const job of items)
    expect(job).toMatchObject({ task: "mail", jobs: 1, maxAttempts: 7, runAt: runAt.toISOString() });
  const [{ payload }] = await database.sql`select payload from graphile_worker._private_jobs where key = 'mail:42'`;
  expect(payload).toEqual({ n: 42, _trace: { correlationId: "c-1" } });
});
