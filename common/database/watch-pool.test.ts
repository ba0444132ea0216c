import { afterAll, beforeAll, expect, test } from "bun:test";
import { eventually } from "@orderflow/tools/testing/eventually";
import { createTestDatabase, type TestDatabase } from "@orderflow/tools/testing/test-database";
import { createMetrics } from "../observability/metrics.ts";
import { connectDatabase, transact } from "./connect-database.ts";
import { watchPool } from "./watch-pool.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase({ service: "none" });
});
afterAll(() => database.drop());

test("transactions that run and that wait for a connection are counted, also when they fail", async () => {
  const sql = connectDatabase({ url: database.url, max: 2, name: "pool-test" });
  const metrics = createMetrics({ service: "order", instance: "order-1", defaults: false });
  watchPool(sql, { max: 2, metrics });
  const shown = async () => {
    const { body } = await metrics.exposition();
    const of = (state: string) => Number(new RegExp(`state="${state}".*} (\\d+)`).exec(body)?.[1]);
    return { running: of("running"), waiting: of("waiting") };
  };
  const { promise: held, resolve: release } = Promise.withResolvers<void>();
  const work = Array.from({ length: 5 }, (_, n) =>
    transact(sql, async () => {
      await held;
      if (n === 1) throw new Error("a rule says no");
    }),
  );
  const ended = Promise.allSettled(work);
  await eventually(async () => expect(await shown()).toEqual({ running: 2, waiting: 3 }));
  release();
  const outcomes = await ended;
  expect(outcomes.filter(({ status }) => status === "rejected")).toHaveLength(1);
  expect(await shown()).toEqual({ running: 0, waiting: 0 });
  expect((await metrics.exposition()).body).toContain("database_pool_connections{");
  await sql.close();
});
