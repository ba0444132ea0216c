import { afterEach, beforeEach, expect, setDefaultTimeout, test } from "bun:test";
import { eventually } from "@orderflow/tools/testing/eventually";
import { createTestDatabase, type TestDatabase } from "@orderflow/tools/testing/test-database";
import { createLogger } from "../observability/logger.ts";
import { createMetrics } from "../observability/metrics.ts";
import { currentTrace, withCorrelation, withSpan } from "../observability/tracing.ts";
import { addJobs } from "./add-jobs.ts";
import type { Task } from "./attempt-job.ts";
import { type JobView, listJobs } from "./list-jobs.ts";
import { rerunJob } from "./rerun-job.ts";
import { type Jobs, startJobs } from "./start-jobs.ts";

setDefaultTimeout(20_000);

let database: TestDatabase;
let running: Jobs[] = [];
let lines: Record<string, unknown>[] = [];
let metrics = createMetrics({ service: "worker", instance: "worker-1", defaults: false });

beforeEach(async () => {
  database = await createTestDatabase({ service: "jobs" });
  metrics = createMetrics({ service: "worker", instance: "worker-1", defaults: false });
  lines = [];
});
afterEach(async () => {
  await Promise.all(running.map((jobs) => jobs.stop()));
  running = [];
  await database.drop();
});

async function start(
  tasks: Record<string, Task>,
  options: { concurrency?: number; stopTimeoutMs?: number; timeoutMs?: number } = {},
): Promise<Jobs> {
  const destination = { write: (line: string) => void lines.push(JSON.parse(line)) };
  const logger = createLogger({ service: "worker", instance: "worker-1", level: "debug", destination });
  const jobs = await startJobs({
    databaseUrl: database.url,
    tasks,
    concurrency: 4,
    logger,
    metrics,
    abandoned: { lookEveryMs: 100, afterMs: 200 },
    ...options,
  });
  running.push(jobs);
  return jobs;
}

const list = () => listJobs(database.sql, { limit: 100 });

function exhaustedJob(): Promise<JobView> {
  return eventually(async () => {
    const [job] = (await listJobs(database.sql, { state: "exhausted", limit: 1 })).items;
    if (!job) throw new Error("no job is exhausted");
    return job;
  });
}

test("jobs added with a transaction run once it commits, and never when it does not", async () => {
  const seen: unknown[] = [];
  await start({ greet: async (payload) => void seen.push(payload) });
  await database.sql
    .begin(async (tx) => {
      await addJobs(tx, [{ task: "greet", payload: { name: "nobody" } }]);
      throw new Error("rolled back");
    })
    .catch(() => {});
  await database.sql.begin((tx) =>
    addJobs(
      tx,
      [1, 2, 3].map((n) => ({ task: "greet", payload: { n } })),
    ),
  );
  await eventually(async () => (await list()).items.length === 0);
  expect(seen).toHaveLength(3);
  expect(seen).toContainEqual({ n: 1 });
});

test("a job continues the trace and the correlation it was added in", async () => {
  const seen: ReturnType<typeof currentTrace>[] = [];
  await start({ trace: async () => void seen.push(currentTrace()) });
  const added = await withCorrelation("c-1", () =>
    withSpan("request", {}, async () => {
      await addJobs(database.sql, [{ task: "trace", payload: {} }]);
      return currentTrace();
    }),
  );
  await eventually(() => expect(seen).toHaveLength(1));
  expect(seen[0]).toMatchObject({ traceId: added.traceId, correlationId: "c-1" });
  await eventually(() =>
    expect(lines.find((line) => line.msg === "Job completed")).toMatchObject({
      task: "trace",
      attempt: 1,
      traceId: added.traceId,
      correlationId: "c-1",
    }),
  );
});

test("no more is taken from the queue than can begin, so that others find the rest", async () => {
  const { promise: opened, resolve: open } = Promise.withResolvers<void>();
  let begun = 0;
  await addJobs(
    database.sql,
    Array.from({ length: 30 }, (_, n) => ({ task: "wait", payload: { n } })),
  );
  await start(
    {
      wait: () => {
        begun++;
        return opened;
      },
    },
    { concurrency: 3 },
  );
  await eventually(() => expect(begun).toBe(3));
  const { items } = await list();
  open();
  expect(items.filter(({ state }) => state === "running").length).toBeLessThanOrEqual(6);
  await eventually(async () => (await list()).items.length === 0);
});

test("a failing job is tried again, then stays with its error until it is rerun", async () => {
  let isMended = false;
  await start({
    fragile: async () => {
      if (!isMended) throw new Error("carrier away");
    },
  });
  await addJobs(database.sql, [{ task: "fragile", payload: {}, maxAttempts: 1 }]);
  const job = await exhaustedJob();
  expect(job).toMatchObject({
    task: "fragile",
    attempts: 1,
    maxAttempts: 1,
    lastError: "carrier away",
    state: "exhausted",
  });
  expect(lines.find((line) => line.msg === "Job failed for the last time")).toMatchObject({
    level: "error",
    attempt: 1,
    err: { message: "carrier away" },
  });
  isMended = true;
  await rerunJob(database.sql, job.id);
  await eventually(async () => (await list()).items.length === 0);
  const { body } = await metrics.exposition();
  expect(body).toContain('jobs_run_total{task="fragile",outcome="exhausted"');
  expect(body).toContain('jobs_run_total{task="fragile",outcome="completed"');
  expect(body).toContain('jobs{state="exhausted"');
});

test("a job that takes too long counts as failed", async () => {
  await start({ slow: () => new Promise(() => {}) }, { timeoutMs: 50, stopTimeoutMs: 100 });
  await addJobs(database.sql, [{ task: "slow", payload: {}, maxAttempts: 1 }]);
  const job = await exhaustedJob();
  expect(job.lastError).toBe("The job took longer than 50 ms");
});

test("no more jobs run at once than allowed", async () => {
  let now = 0;
  let most = 0;
  const busy: Task = async () => {
    most = Math.max(most, ++now);
    await Bun.sleep(20);
    now--;
  };
  await start({ busy }, { concurrency: 3 });
  await addJobs(
    database.sql,
    Array.from({ length: 12 }, () => ({ task: "busy", payload: {} })),
  );
  await eventually(async () => (await list()).items.length === 0);
  expect(most).toBe(3);
});

test("stopping waits for what runs and leaves the rest", async () => {
  const finished: unknown[] = [];
  const started = Promise.withResolvers<void>();
  const jobs = await start(
    {
      work: async (payload) => {
        started.resolve();
        await Bun.sleep(100);
        finished.push(payload);
      },
    },
    { concurrency: 1 },
  );
  await addJobs(
    database.sql,
    [1, 2, 3].map((n) => ({ task: "work", payload: { n } })),
  );
  await started.promise;
  await jobs.stop();
  expect(finished).toEqual([{ n: 1 }]);
  expect((await list()).items.map((job) => job.state)).toEqual(["ready", "ready"]);
});

test("what does not finish in time is released at stop and may run elsewhere", async () => {
  const started = Promise.withResolvers<void>();
  const jobs = await start(
    {
      stuck: () => {
        started.resolve();
        return new Promise(() => {});
      },
    },
    { stopTimeoutMs: 100 },
  );
  await addJobs(database.sql, [{ task: "stuck", payload: {} }]);
  await started.promise;
  await jobs.stop();
  expect((await list()).items[0]).toMatchObject({ attempts: 1, state: "ready" });
});

test("a runner outlives its connections, and a job that finished meanwhile is not run again", async () => {
  const runs = new Map<number, number>();
  const count: Task = async (payload) => {
    const { n } = payload as { n: number };
    await Bun.sleep(3);
    runs.set(n, (runs.get(n) ?? 0) + 1);
  };
  const jobs = await start({ count });
  await eventually(() => jobs.isRunning());
  for (let round = 0; round < 10; round++) {
    await addJobs(
      database.sql,
      Array.from({ length: 20 }, (_, at) => ({ task: "count", payload: { n: round * 20 + at } })),
    );
    await database.sql`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = 'orderflow jobs'`;
    await Bun.sleep(30);
  }
  const left = async () => (await list()).items.filter((job) => job.state !== "running");
  await eventually(async () => (await left()).length === 0, { timeoutMs: 15_000 });
  await addJobs(database.sql, [{ task: "count", payload: { n: 1_000 } }]);
  await eventually(() => runs.get(1_000) === 1);
  expect([...runs.values()].filter((times) => times > 1)).toEqual([]);
}, 30_000);

test("the job of a process that was killed runs again elsewhere", async () => {
  await addJobs(database.sql, [{ task: "deliver", payload: {} }]);
  const child = Bun.spawn([process.execPath, `${import.meta.dir}/testing/stuck-runner.ts`, database.url], {
    stdout: "pipe",
  });
  await child.stdout.getReader().read();
  child.kill("SIGKILL");
  await child.exited;
  const attempts: number[] = [];
  await start({ deliver: async (_, job) => void attempts.push(job.attempt) });
  await eventually(async () => (await list()).items.length === 0);
  expect(attempts).toEqual([2]);
});

test("the job of a process that lives is left to it", async () => {
  const started = Promise.withResolvers<void>();
  let runs = 0;
  const slow: Task = async () => {
    runs++;
    started.resolve();
    await Bun.sleep(1_000);
  };
  await start({ slow });
  await start({ slow });
  await addJobs(database.sql, [{ task: "slow", payload: {} }]);
  await started.promise;
  await eventually(async () => (await list()).items.length === 0);
  expect(runs).toBe(1);
});

test("a database that is away is waited for", async () => {
  const url = new URL(database.url);
  url.port = "1";
  const logger = createLogger({ service: "worker", instance: "worker-1", level: "silent" });
  const jobs = await startJobs({ databaseUrl: url.href, tasks: {}, concurrency: 1, logger, metrics });
  await Bun.sleep(100);
  expect(jobs.isRunning()).toBe(false);
  await jobs.stop();
});

test("the number of jobs at once changes while they run, and none is lost or run twice", async () => {
  const runs: number[] = [];
  let underWay = 0;
  let most = 0;
  const opened = Promise.withResolvers<void>();
  const work: Task = async (payload) => {
    most = Math.max(most, ++underWay);
    await opened.promise;
    underWay--;
    runs.push((payload as { n: number }).n);
  };
  const jobs = await start({ work }, { concurrency: 1 });
  const added = Array.from({ length: 12 }, (_, n) => ({ task: "work", payload: { n } }));
  await addJobs(database.sql, added);
  await eventually(() => underWay === 1);
  jobs.setConcurrency(6);
  opened.resolve();
  await eventually(() => runs.length === 12);
  expect([...runs].sort((a, b) => a - b)).toEqual(added.map(({ payload }) => payload.n));

  const held = Promise.withResolvers<void>();
  opened.promise = held.promise;
  most = 0;
  await addJobs(database.sql, added);
  await eventually(() => expect(most).toBe(6));
  held.resolve();
  await eventually(() => runs.length === 24);
});

test("a job that takes longer than a stop may runs once though the number changes, and others begin meanwhile", async () => {
  const { promise: opened, resolve: open } = Promise.withResolvers<void>();
  const begun: string[] = [];
  const work: Task = async (payload) => {
    const { name } = payload as { name: string };
    begun.push(name);
    if (name === "slow") await opened;
  };
  const jobs = await start({ work }, { concurrency: 1, stopTimeoutMs: 1 });
  await addJobs(database.sql, [{ task: "work", payload: { name: "slow" } }]);
  await eventually(() => begun.length === 1);
  for (const [n, concurrency] of [2, 3, 4].entries()) {
    jobs.setConcurrency(concurrency);
    await addJobs(database.sql, [{ task: "work", payload: { name: `quick ${n}` } }]);
    await eventually(() => begun.includes(`quick ${n}`));
  }
  open();
  await eventually(async () => (await list()).items.length === 0);
  expect(begun).toEqual(["slow", "quick 0", "quick 1", "quick 2"]);
});

test("what a change of the number left under way is released at stop, too", async () => {
  const begun: string[] = [];
  const work: Task = (payload) => {
    const { name } = payload as { name: string };
    begun.push(name);
    return name === "stuck" ? new Promise(() => {}) : Promise.resolve();
  };
  const jobs = await start({ work }, { concurrency: 1, stopTimeoutMs: 100 });
  await addJobs(database.sql, [{ task: "work", payload: { name: "stuck" } }]);
  await eventually(() => begun.length === 1);
  jobs.setConcurrency(2);
  await addJobs(database.sql, [{ task: "work", payload: { name: "quick" } }]);
  await eventually(() => begun.length === 2);
  await jobs.stop();
  expect(begun).toEqual(["stuck", "quick"]);
  expect((await list()).items).toMatchObject([{ attempts: 1, state: "ready" }]);
});
