import { afterAll, beforeAll, expect, test } from "bun:test";
import { consumerDamage, jobDamage } from "@orderflow/common/audit/testing/damage";
import { type Damage, findingsAfter, findingsNow } from "@orderflow/common/audit/testing/plant-damage";
import { createTestDatabase, type TestDatabase } from "@orderflow/tools/testing/test-database";
import { aDelivery } from "../domain/a-delivery.ts";
import { recordFailure, recordSent } from "../domain/delivery.ts";
import { notifyInvariants } from "./audit.ts";
import { announce, createDeliveries } from "./deliveries.ts";

let database: TestDatabase;
const at = new Date("2026-03-01T11:00:00.000Z");

beforeAll(async () => {
  database = await createTestDatabase({ service: "notify" });
  const { sql } = database;
  const deliveries = createDeliveries({ sql });
  await sql.begin((tx) => announce(tx, [aDelivery(), aDelivery()]));
  const [sent, failed] = await sql`select id from delivery order by id`;
  const failure = { reason: "550", isFinal: true, at };
  await deliveries.update(await deliveries.byId(sent.id), (current) => recordSent(current, at));
  await deliveries.update(await deliveries.byId(failed.id), (current) => recordFailure(current, failure));
  await sql`delete from graphile_worker._private_jobs`;
  await sql.begin((tx) => announce(tx, [aDelivery()]));
  await sql.begin((tx) => announce(tx, [aDelivery(), aDelivery()]));
  await sql`
    insert into idempotency_key (key, caller_id, body_hash, answer, created_at)
    values (gen_random_uuid(), 'c', 'h', '{}', now())`;
});
afterAll(() => database.drop());

const damages: Damage[] = [
  {
    breaks: "one-delivery",
    by: [
      "alter table delivery drop constraint delivery_order_kind_channel",
      "update delivery set order_id = gen_random_uuid(), kind = 'order.created'",
      "update delivery set order_id = (select order_id from delivery where status = 'sent')",
    ],
  },
  {
    breaks: "one-delivery",
    by: ["update delivery set event_id = (select event_id from delivery where status = 'sent')"],
  },
  { breaks: "delivery-states", by: ["update delivery set sent_at = null"] },
  { breaks: "delivery-states", by: ["update delivery set attempts = 0"] },
  { breaks: "delivery-jobs", by: ["select graphile_worker.remove_job('send-mail:' || id) from delivery"] },
  {
    breaks: "delivery-jobs",
    by: [
      `update graphile_worker._private_jobs
       set payload = json_build_object('bundle', json_build_array(payload->'bundle'->0)) where key is null`,
    ],
  },
  { breaks: "delivery-jobs", by: ["update delivery set status = 'pending' where status = 'failed'"] },
  { breaks: "idempotency-keys", by: ["update idempotency_key set answer = null"] },
];
const all = [...damages, ...consumerDamage, ...jobDamage];

test("deliveries that wait, were sent and failed have no findings", async () => {
  const [row] = await database.sql`select count(distinct status)::int as statuses from delivery`;
  expect(row.statuses).toBe(3);
  expect(await findingsNow(database.sql, notifyInvariants)).toEqual({});
});

test.each(all)("names $breaks after: $by", async (damage) => {
  expect(Object.keys(await findingsAfter(database.sql, notifyInvariants, damage))).toContain(damage.breaks);
});

test("every invariant has been seen broken", () => {
  expect(new Set(all.map(({ breaks }) => breaks))).toEqual(new Set(notifyInvariants.map(({ name }) => name)));
});
