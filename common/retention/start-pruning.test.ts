import { afterAll, beforeAll, expect, test } from "bun:test";
import { createTables } from "@orderflow/tools/testing/create-tables";
import { eventually } from "@orderflow/tools/testing/eventually";
import { createTestDatabase, type TestDatabase } from "@orderflow/tools/testing/test-database";
import { answerOnce } from "../idempotency/answer-once.ts";
import * as idempotency from "../idempotency/schema.ts";
import { createLogger } from "../observability/logger.ts";
import { createMetrics } from "../observability/metrics.ts";
import { type Pruning, pruneBatchRows, pruneRows } from "./prune-rows.ts";
import { keyPruning } from "./prunings.ts";
import { startPruning } from "./start-pruning.ts";

let database: TestDatabase;
const never = new AbortController().signal;

beforeAll(async () => {
  database = await createTestDatabase({ service: "none" });
  await createTables(database.sql, idempotency);
  await database.sql`create table rubbish (n int)`;
});
afterAll(() => database.drop());

const rubbish = (what: string): Pruning => ({
  what,
  async pruneBatch(tx, rows) {
    const gone: unknown[] = await tx`
      delete from rubbish where ctid in (select ctid from rubbish limit ${rows}) returning n`;
    return gone.length;
  },
});

test("goes on batch by batch until nothing is left", async () => {
  await database.sql`insert into rubbish select n from generate_series(1, ${2 * pruneBatchRows + 1}::int) n`;
  expect(await pruneRows(database.sql, rubbish("all"), never)).toBe(2 * pruneBatchRows + 1);
});

test("leaves a thing alone that another process prunes", async () => {
  const begun = Promise.withResolvers<void>();
  const finish = Promise.withResolvers<void>();
  const slow: Pruning = {
    what: "shared",
    async pruneBatch() {
      begun.resolve();
      await finish.promise;
      return 1;
    },
  };
  const first = pruneRows(database.sql, slow, never);
  await begun.promise;
  await database.sql`insert into rubbish values (1)`;
  expect(await pruneRows(database.sql, rubbish("shared"), never)).toBe(0);
  finish.resolve();
  expect(await first).toBe(1);
  expect(await pruneRows(database.sql, rubbish("shared"), never)).toBe(1);
});

test("a thing that fails is counted and hinders no other, and is tried again", async () => {
  const metrics = createMetrics({ service: "test", instance: "pruning", defaults: false });
  const logger = createLogger({ service: "test", instance: "pruning", level: "silent" });
  let tries = 0;
  const failing: Pruning = {
    what: "failing",
    pruneBatch: async () => {
      if (++tries === 1) throw new Error("no");
      return 0;
    },
  };
  await database.sql`insert into rubbish values (1), (2)`;
  const prunings = [failing, rubbish("rows")];
  const pruner = startPruning({ sql: database.sql, logger, metrics, config: { pruneIntervalS: 0.02 }, prunings });
  try {
    await eventually(() => tries > 1);
    await eventually(async () => {
      const { body } = await metrics.exposition();
      expect(body).toMatch(/pruned_rows_total\{what="rows".*\} 2/);
      expect(body).toMatch(/prune_failures_total\{what="failing".*\} 1/);
    });
  } finally {
    await pruner.stop();
  }
});

test("only idempotency keys older than told are pruned", async () => {
  const now = new Date("2026-03-02T00:00:00.000Z");
  const call = (at: string) => ({ idempotencyKey: crypto.randomUUID(), callerId: "c", body: 1, at: new Date(at) });
  await answerOnce(database.sql, call("2026-01-30T23:59:59.000Z"), async () => "old");
  const kept = call("2026-01-31T00:00:00.000Z");
  await answerOnce(database.sql, kept, async () => "new");
  const pruning = keyPruning({ config: { idempotencyKeyRetentionDays: 30 }, now: () => now });
  expect(await pruneRows(database.sql, pruning, never)).toBe(1);
  expect(await answerOnce(database.sql, kept, async () => "another")).toBe("new");
});
