import { expect, test } from "bun:test";
import { eventually } from "@orderflow/tools/testing/eventually";
import { createTestDatabase } from "@orderflow/tools/testing/test-database";
import { createLogger } from "../observability/logger.ts";
import { createMetrics } from "../observability/metrics.ts";
import { addJobs } from "./add-jobs.ts";
import { listJobs } from "./list-jobs.ts";
import { startJobs } from "./start-jobs.ts";
import { breakableConnection } from "./testing/breakable-connection.ts";

const identity = { service: "worker", instance: "worker-1" };
const jobsPerRound = 60;
/** The first hits a runner that just starts, the last one amid its jobs. */
const breakAfterMs = [5, 20, 60];

test("jobs outlive a database that dies under them: each runs, and none that ended runs again", async () => {
  const database = await createTestDatabase({ service: "jobs" });
  const connection = await breakableConnection(database.url);
  const runs = new Map<number, number>();
  const jobs = await startJobs({
    databaseUrl: connection.url,
    tasks: {
      async count(payload) {
        const { n } = payload as { n: number };
        await Bun.sleep(20);
        runs.set(n, (runs.get(n) ?? 0) + 1);
      },
    },
    concurrency: 8,
    abandoned: { lookEveryMs: 300, afterMs: 500 },
    logger: createLogger({ ...identity, level: "silent" }),
    metrics: createMetrics({ ...identity, defaults: false }),
  });
  for (let round = 1; round <= 3; round++) {
    const numbers = Array.from({ length: jobsPerRound }, (_, at) => round * jobsPerRound + at);
    await addJobs(
      database.sql,
      numbers.map((n) => ({ task: "count", payload: { n } })),
    );
    await Bun.sleep(breakAfterMs[round - 1] ?? 0);
    connection.break();
    await Bun.sleep(400);
    await connection.mend();
    await eventually(() => runs.size === round * jobsPerRound, { timeoutMs: 15_000 });
  }
  await eventually(async () => (await listJobs(database.sql, { limit: 1 })).items.length === 0, { timeoutMs: 15_000 });
  expect([...runs.values()].filter((times) => times > 1)).toEqual([]);
  await jobs.stop();
  connection.break();
  await database.drop();
}, 60_000);
