import { afterAll, beforeAll, expect, test } from "bun:test";
import { checkCursors } from "./check-cursors.ts";
import { checkEventIds } from "./check-event-ids.ts";
import { checkJobs } from "./check-jobs.ts";
import type { AuditedService } from "./parts-sql.ts";
import { aShop, type Shop } from "./testing/a-shop.ts";

let shop: Shop;
beforeAll(async () => {
  shop = await aShop();
  for (const life of ["delivered", "delivered", "rejected"] as const) await shop.put(life);
});
afterAll(() => shop.close());

async function brokenNow(): Promise<string[]> {
  const { connections } = shop;
  const findings = [
    ...(await checkCursors({ connections, maxExamples: 5, isSettled: true })),
    await checkEventIds(connections, 5),
    await checkJobs(connections, 5),
  ];
  return findings.flatMap(({ name, examples }) => examples.map(({ id, problem }) => `${name} ${id} ${problem}`));
}

async function brokenAfter(at: AuditedService, damage: string): Promise<string[]> {
  await shop.catchUp();
  await shop.sqls[at].unsafe(damage);
  return await brokenNow();
}

const onOrder = "where stream = 'order'";

test("cursors at their heads, events of one id and no job are at rest", async () => {
  await shop.catchUp();
  expect(await brokenNow()).toEqual([]);
});

test.each([
  [
    "notify",
    `update cursor set log_id = gen_random_uuid() ${onOrder}`,
    "cursors-on-log notify on order is at 10 of the log",
  ],
  ["notify", `update cursor set position = 99 ${onOrder}`, "cursors-on-log notify on order is at 99, past the head 10"],
  [
    "worker",
    `update cursor set event_id = gen_random_uuid() ${onOrder}`,
    "cursors-on-log worker on order is at 10, event",
  ],
  [
    "order",
    "update cursor set stream = 'nobodys' where stream = 'worker'",
    "cursors-on-log order on nobodys is at 4, and nobody",
  ],
  ["notify", `update cursor set position = 9 ${onOrder}`, "cursors-settled notify on order is at 9, the head is 10"],
  [
    "notify",
    `update cursor_trail set events = jsonb_set(events, '{4,0}', '"00000000-0000-0000-0000-000000000000"') ${onOrder}`,
    "applied-events-on-log notify on order@5 applied 00000000-0000-0000-0000-000000000000",
  ],
  ["worker", "select graphile_worker.add_job('book-shipment')", "jobs-settled worker job"],
] as const)("at %s %s is named", async (at, damage, named) => {
  const broken = await brokenAfter(at, damage);
  expect(broken.find((line) => line.startsWith(named))).toBeDefined();
  await shop.sqls[at].unsafe("delete from cursor_trail; delete from cursor");
});

test("a job that is scheduled for later may wait", async () => {
  await shop.sqls.worker.unsafe("select graphile_worker.complete_jobs(array(select id from graphile_worker.jobs))");
  const later = "select graphile_worker.add_job('deliver-shipment', run_at := now() + interval '1 hour')";
  expect(await brokenAfter("worker", later)).toEqual([]);
});

test("an id that two services used is named with both places", async () => {
  const [{ id }] = await shop.sqls.order`select id from event where stream = 'order' and position = 2`;
  const broken = await brokenAfter("worker", `update event set id = '${id}' where position = 3`);
  expect(broken).toContain(`event-ids ${id} is at order order@2 and at worker worker@3`);
});

test("a log that was pruned past a cursor is named", async () => {
  await shop.catchUp();
  await shop.sqls.notify`update cursor set position = 0, log_id = null, event_id = null where stream = 'order'`;
  await shop.sqls.inventory.unsafe(`update cursor set position = 2 ${onOrder}`);
  const broken = await brokenAfterPrune();
  expect(broken).toContain("cursors-on-log notify on order is at 0, and what follows is pruned up to 5");
  expect(broken).toContain("cursors-on-log inventory on order is at 2, and the log is pruned up to 5");
});

async function brokenAfterPrune(): Promise<string[]> {
  await shop.sqls.order`delete from event where stream = 'order' and position < 5`;
  return await brokenNow();
}
