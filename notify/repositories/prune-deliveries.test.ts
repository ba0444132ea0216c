import { afterAll, beforeAll, expect, test } from "bun:test";
import { pruneRows } from "@orderflow/common/retention/prune-rows";
import { createTestDatabase, type TestDatabase } from "@orderflow/tools/testing/test-database";
import { aDelivery } from "../domain/a-delivery.ts";
import { recordFailure, recordSent } from "../domain/delivery.ts";
import { announce, createDeliveries } from "./deliveries.ts";
import { deliveryPrunings } from "./prune-deliveries.ts";

let database: TestDatabase;
const daysFromNow = (days: number) => () => new Date(Date.now() + days * 86_400_000);

beforeAll(async () => {
  database = await createTestDatabase({ service: "notify" });
  const deliveries = createDeliveries({ sql: database.sql });
  const at = new Date();
  await database.sql.begin((tx) => announce(tx, [aDelivery(), aDelivery(), aDelivery()]));
  const [sent, failed] = await database.sql`select id from delivery order by id`;
  const failure = { reason: "550", isFinal: true, at };
  await deliveries.update(await deliveries.byId(sent.id), (current) => recordSent(current, at));
  await deliveries.update(await deliveries.byId(failed.id), (current) => recordFailure(current, failure));
});
afterAll(() => database.drop());

async function prune(now: () => Date, deliveryRetentionDays: number | undefined): Promise<number> {
  let pruned = 0;
  for (const pruning of deliveryPrunings({ config: { deliveryRetentionDays }, now }))
    pruned += await pruneRows(database.sql, pruning, new AbortController().signal);
  return pruned;
}

test("deliveries are kept for ever where no number of days is set, and as many days as are", async () => {
  expect(await prune(daysFromNow(9_999), undefined)).toBe(0);
  expect(await prune(daysFromNow(29), 30)).toBe(0);
});

test("what was sent is pruned, what failed or waits stays, and it is said since when all are there", async () => {
  expect(await prune(daysFromNow(31), 30)).toBe(1);
  const left = await database.sql`select status from delivery order by status`;
  expect([...left]).toEqual([{ status: "failed" }, { status: "pending" }]);
  const [said] = await database.sql`select kept_since > now() as past from retention where what = 'deliveries'`;
  expect(said.past).toBe(true);
});
