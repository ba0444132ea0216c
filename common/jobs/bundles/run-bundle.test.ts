import { afterEach, beforeEach, expect, test } from "bun:test";
import { eventually } from "@orderflow/tools/testing/eventually";
import { createTestDatabase, type TestDatabase } from "@orderflow/tools/testing/test-database";
import type { JobHelpers } from "graphile-worker";
import { createLogger } from "../../observability/logger.ts";
import { createMetrics, type Metrics } from "../../observability/metrics.ts";
import { currentTrace } from "../../observability/tracing.ts";
import { NotBegun, type Task } from "../attempt-job.ts";
import { listJobs } from "../list-jobs.ts";
import { rerunJob } from "../rerun-job.ts";
import { type Jobs, startJobs } from "../start-jobs.ts";
import { breakableConnection } from "../testing/breakable-connection.ts";
import { addBundled } from "./add-bundled.ts";
import { runBundle } from "./run-bundle.ts";
import type { SettleBundle } from "./settle-bundle.ts";

const identity = { service: "worker", instance: "worker-1" };
let database: TestDatabase;
let metrics: Metrics;
let running: Jobs[] = [];

beforeEach(async () => {
  database = await createTestDatabase({ service: "jobs" });
  metrics = createMetrics({ ...identity, defaults: false });
});
afterEach(async () => {
  await Promise.all(running.map((jobs) => jobs.stop()));
  running = [];
  await database.drop();
});

type Options = { concurrency?: number; stopTimeoutMs?: number; timeoutMs?: number; databaseUrl?: string };
async function start(mail: (n: number, job: Parameters<Task>[1]) => Promise<void>, options: Options = {}) {
  const jobs = await startJobs({
    databaseUrl: database.url,
    tasks: { mail: (payload, job) => mail((payload as { n: number }).n, job) },
    concurrency: 4,
    logger: createLogger({ ...identity, level: "silent" }),
    metrics,
    abandoned: { lookEveryMs: 100, afterMs: 200 },
    ...options,
  });
  running.push(jobs);
  return jobs;
}

const add = (count: number, rest: { maxAttempts?: number } = {}) =>
  addBundled(
    database.sql,
    Array.from({ length: count }, (_, n) => ({ task: "mail", payload: { n }, key: `mail:${n}`, ...rest })),
  );
const list = async () => (await listJobs(database.sql, { limit: 100 })).items;
const isEmpty = async () => (await list()).length === 0;
const hurry = async () => {
  await database.sql`update graphile_worker._private_jobs set run_at = now() where locked_at is null`;
  await database.sql`select pg_notify('jobs:insert', '{"count":1}')`;
};

test("one job that fails is tried again alone, and its forty-nine neighbours are done once", async () => {
  const runs = new Map<number, number[]>();
  let isMended = false;
  await start(async (n, { attempt }) => {
    runs.set(n, [...(runs.get(n) ?? []), attempt]);
    if (n === 7 && !isMended) throw new Error("no such street");
  });
  const startedAt = Date.now();
  await add(50);
  const failed = await eventually(async () => {
    const jobs = await list();
    expect(jobs).toMatchObject([{ task: "mail", key: "mail:7", attempts: 1, maxAttempts: 25, state: "scheduled" }]);
    return jobs[0];
  });
  expect(failed).toMatchObject({ lastError: "no such street", jobs: 1 });
  const delayMs = Date.parse(failed?.runAt ?? "") - startedAt;
  expect(delayMs).toBeGreaterThanOrEqual(Math.exp(1) * 1_000);
  expect(delayMs).toBeLessThanOrEqual(1.5 * Math.exp(1) * 1_000 + Date.now() - startedAt);

  isMended = true;
  await hurry();
  await eventually(isEmpty);
  expect(runs.get(7)).toEqual([1, 2]);
  runs.delete(7);
  expect([...runs.values()]).toEqual(Array.from({ length: 49 }, () => [1]));
  const { body } = await metrics.exposition();
  expect(body).toMatch(/jobs_run_total\{task="mail",outcome="completed",.*\} 50/);
  expect(body).toMatch(/jobs_run_total\{task="mail",outcome="failed",.*\} 1/);
  expect(body).toMatch(/job_bundle_jobs_sum\{.*task="mail".*\} 50/);
});

test("a job that fails for the last time in a bundle is listed alone as exhausted, until it is rerun", async () => {
  let isMended = false;
  await start(async (n) => {
    if (n === 1 && !isMended) throw new Error("no such street");
  });
  await add(3, { maxAttempts: 1 });
  const [job] = await eventually(async () => {
    const { items } = await listJobs(database.sql, { state: "exhausted", limit: 5 });
    expect(items).toMatchObject([{ key: "mail:1", attempts: 1, lastError: "no such street" }]);
    expect(await list()).toHaveLength(1);
    return items;
  });
  isMended = true;
  await rerunJob(database.sql, job?.id ?? "");
  await eventually(isEmpty);
});

test("a job that hangs keeps neither its neighbours nor those that failed waiting", async () => {
  const { promise: hanging, resolve: release } = Promise.withResolvers<void>();
  const done: number[] = [];
  await start(async (n) => {
    if (n === 0) await hanging;
    if (n === 1) throw new Error("no such street");
    done.push(n);
  });
  await add(20);
  await eventually(() => expect(done).toHaveLength(18));
  await eventually(async () =>
    expect((await list()).map(({ key, state, jobs }) => ({ key, state, jobs }))).toEqual([
      { key: "mail:1", state: "scheduled", jobs: 1 },
      { key: null, state: "running", jobs: 1 },
    ]),
  );
  release();
  await eventually(async () => expect((await list()).map(({ key }) => key)).toEqual(["mail:1"]));
});

test("a job that hangs for longer than a job may fails alone", async () => {
  await start((n) => (n === 3 ? new Promise(() => {}) : Promise.resolve()), { timeoutMs: 50 });
  await add(10);
  await eventually(async () =>
    expect(await list()).toMatchObject([{ key: "mail:3", lastError: "The job took longer than 50 ms" }]),
  );
});

test("no more jobs run at once than allowed, however many bundles there are", async () => {
  let now = 0;
  let most = 0;
  await start(
    async () => {
      most = Math.max(most, ++now);
      await Bun.sleep(5);
      now--;
    },
    { concurrency: 3 },
  );
  for (let bundle = 0; bundle < 4; bundle++) await add(10);
  await eventually(isEmpty);
  expect(most).toBe(3);
});

test("jobs that wait in a bundle are counted one by one", async () => {
  await start(async () => {});
  const runAt = new Date(Date.now() + 60_000);
  await addBundled(
    database.sql,
    Array.from({ length: 41 }, (_, n) => ({ task: "mail", payload: { n }, runAt })),
  );
  expect((await metrics.exposition()).body).toMatch(/jobs\{state="scheduled",.*\} 41/);
});

test("each job in a bundle has its own trace and correlation", async () => {
  const seen = new Map<number, ReturnType<typeof currentTrace>>();
  await start(async (n) => void seen.set(n, currentTrace()));
  const traceIds = [0, 1, 2].map(() => crypto.randomUUID().replaceAll("-", ""));
  await addBundled(
    database.sql,
    traceIds.map((traceId, n) => ({
      task: "mail",
      payload: { n },
      trace: { traceparent: `00-${traceId}-00f067aa0ba902b7-01`, correlationId: `c-${n}` },
    })),
  );
  await eventually(() => expect(seen.size).toBe(3));
  for (const [n, traceId] of traceIds.entries())
    expect(seen.get(n)).toMatchObject({ traceId, correlationId: `c-${n}` });
});

test("a process killed in the middle of a bundle leaves all of it to the next, which runs what was not done", async () => {
  await add(40);
  const runner = `${import.meta.dir}/../testing/bundle-runner.ts`;
  const child = Bun.spawn([process.execPath, runner, database.url], { stdout: "pipe" });
  let said = "";
  for await (const chunk of child.stdout) {
    said += new TextDecoder().decode(chunk);
    if (said.split("\n").length > 39) break;
  }
  child.kill("SIGKILL");
  await child.exited;
  expect(await list()).toMatchObject([{ task: "mail:bundle", jobs: 40, attempts: 1 }]);
  const attempts = new Map<number, number>();
  await start(async (n, job) => void attempts.set(n, job.attempt));
  await eventually(isEmpty);
  expect(attempts.size).toBe(40);
  expect(attempts.get(20)).toBe(2);
});

test("a stop in the middle of a bundle begins no more of its jobs, and counts none of them as failed", async () => {
  const { promise: opened, resolve: open } = Promise.withResolvers<void>();
  const begun: number[] = [];
  const jobs = await start(
    async (n) => {
      begun.push(n);
      await opened;
    },
    { concurrency: 2, stopTimeoutMs: 100 },
  );
  await add(10);
  await eventually(() => expect(begun).toHaveLength(2));
  await jobs.stop();
  open();
  expect(await list()).toMatchObject([{ task: "mail:bundle", state: "ready", jobs: 10, attempts: 1 }]);
  expect(begun).toHaveLength(2);
});

test("jobs that fail after their bundle went to another runner leave it to that one, and none is lost", async () => {
  const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const begun = { first: 0, second: 0 };
  const jobs = await start(() => {
    begun.first++;
    return first.promise;
  });
  await add(2);
  await eventually(() => expect(begun.first).toBe(2));
  // One that stops fetches no more, so that the other gets what is released.
  const stopped = jobs.stop();
  await database.sql`
    select graphile_worker.force_unlock_workers(array_agg(locked_by)) from graphile_worker._private_jobs`;
  await start(() => {
    begun.second++;
    return second.promise;
  });
  await eventually(() => expect(begun.second).toBe(2));
  first.reject(new Error("no such street"));
  await stopped;
  expect(await list()).toMatchObject([{ task: "mail:bundle", state: "running", jobs: 2, attempts: 2 }]);
  second.reject(new Error("no such town"));
  await eventually(async () =>
    expect(await list()).toMatchObject([
      { key: "mail:1", attempts: 2, lastError: "no such town" },
      { key: "mail:0", attempts: 2, lastError: "no such town" },
    ]),
  );
});

test("what a process that stops did not begin stays in its bundle, and is not taken for failed", async () => {
  const settled: Parameters<SettleBundle>[0][] = [];
  const delayed: string[] = [];
  const run = runBundle({
    task: "mail",
    attempt(payload) {
      const { n } = payload as { n: number };
      if (n === 0) return Promise.reject(new Error("no such street"));
      return n === 1 ? Promise.reject(new NotBegun("stopped")) : Promise.resolve();
    },
    settle: async (settlement) => void settled.push(settlement),
    metrics: { began() {}, ran() {}, bundled() {}, stop() {} },
    spreadRetry: async (id) => void delayed.push(id),
  });
  const bundle = [0, 1, 2].map((n) => ({ key: `mail:${n}`, payload: { n } }));
  const job = { id: "7", attempts: 1, max_attempts: 25 };
  await expect(run({ bundle }, { job } as unknown as JobHelpers)).rejects.toThrow("Stopped before 1 of 3 jobs had run");
  expect(settled).toMatchObject([{ failed: [{ job: { key: "mail:0" } }], left: [{ key: "mail:1" }] }]);
  expect(delayed).toEqual(["7"]);
});

test("while the database is away nothing of a bundle is lost, and a job that fails then is tried again", async () => {
  const connection = await breakableConnection(database.url);
  const { promise: opened, resolve: open } = Promise.withResolvers<void>();
  const runs = new Map<number, number>();
  await start(
    async (n) => {
      runs.set(n, (runs.get(n) ?? 0) + 1);
      if (runs.get(n) === 1) await opened;
      if (n === 2 && runs.get(n) === 1) throw new Error("no such street");
    },
    { databaseUrl: connection.url },
  );
  await add(4);
  await eventually(() => expect(runs.size).toBe(4));
  connection.break();
  open();
  await Bun.sleep(300);
  await connection.mend();
  await eventually(
    async () => {
      await hurry();
      expect(await isEmpty()).toBe(true);
    },
    { timeoutMs: 15_000 },
  );
  expect(runs.get(2)).toBe(2);
  await Promise.all(running.map((jobs) => jobs.stop()));
  connection.break();
}, 30_000);
