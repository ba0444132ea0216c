import { afterAll, beforeAll, expect, test } from "bun:test";
import { consumerDamage, jobDamage, logDamage } from "@orderflow/common/audit/testing/damage";
import { type Damage, findingsAfter, findingsNow } from "@orderflow/common/audit/testing/plant-damage";
import { fact } from "@orderflow/common/events/catalog";
import { newId } from "@orderflow/common/ids";
import type { Event } from "@orderflow/common/messaging/event";
import { ensureStreams } from "@orderflow/common/messaging/streams";
import { createMetrics } from "@orderflow/common/observability/metrics";
import { createTestDatabase, type TestDatabase } from "@orderflow/tools/testing/test-database";
import { recordBooking, recordDelivery, recordDispatch, type Shipment } from "../domain/shipment.ts";
import { fulfilOrders } from "../handlers/fulfil-orders.ts";
import { workerInvariants } from "./audit.ts";
import { createShipments } from "./shipments.ts";

let database: TestDatabase;
const at = new Date("2026-03-01T10:00:00.000Z");
const moment = { at, delayMs: 60_000 };

beforeAll(async () => {
  database = await createTestDatabase({ service: "worker" });
  await ensureStreams(database.sql, ["worker"]);
  await reach("booked", "dispatched", "delivered");
  await reach();
  await reach("booked");
  await reach("booked", "dispatched");
  await reach("booked", "dispatched", "delivered");
  await database.sql`
    insert into idempotency_key (key, caller_id, body_hash, answer, created_at)
    values (gen_random_uuid(), 'c', 'h', '{}', now())`;
});
afterAll(() => database.drop());

const steps = {
  booked: (shipment: Shipment) => recordBooking(shipment, { carrier: "c", trackingNumber: "t" }, moment),
  dispatched: (shipment: Shipment) => recordDispatch(shipment, { ...moment, authorizedAt: at }),
  delivered: (shipment: Shipment) => recordDelivery(shipment, at),
};
const jobs = { booked: "book-shipment", dispatched: "dispatch-shipment", delivered: "deliver-shipment" };

/** A shipment that was asked for and got so far; the jobs of what is done are gone. */
async function reach(...done: (keyof typeof steps)[]): Promise<void> {
  const { sql } = database;
  const metrics = createMetrics({ service: "worker", instance: newId(), defaults: false });
  const shipments = createShipments({ sql, publisher: { publish() {} }, metrics });
  const orderId = newId();
  await sql.begin((tx) => fulfilOrders({ now: () => at })(tx, [aCommand(orderId)]));
  const [row] = await sql`select id from shipment where order_id = ${orderId}::uuid`;
  for (const step of done) {
    await shipments.update(row.id, steps[step]);
    await sql`select graphile_worker.remove_job(${`${jobs[step]}:${row.id}`})`;
  }
}

function aCommand(orderId: string): Event {
  const contact = { name: "Ada", email: "ada@example.com" };
  const shippingAddress = { name: "Ada", line1: "1 Main St", city: "Berlin", postalCode: "10115", country: "DE" };
  const lines = [{ sku: "TEA-1", quantity: 2 }];
  const command = fact("fulfil-order", orderId, { orderId, number: "1", contact, shippingAddress, lines });
  return { ...command, id: newId(), time: at.toISOString(), logId: newId(), position: 1, previousId: null };
}

const dispatched = "(select order_id from shipment where status = 'dispatched')";
const told = `key = ${dispatched}::text and type = 'shipment.dispatched'`;
const damages: Damage[] = [
  {
    breaks: "one-shipment",
    by: [
      "alter table shipment drop constraint shipment_order_id_unique",
      `update shipment set order_id = ${dispatched} where status = 'booked'`,
    ],
  },
  { breaks: "shipment-states", by: ["update shipment set dispatched_at = null where status = 'dispatched'"] },
  { breaks: "shipment-states", by: ["update shipment set status = 'dispatched' where status = 'delivered'"] },
  { breaks: "shipment-states", by: ["update shipment set status = 'cancelled' where status = 'requested'"] },
  { breaks: "shipment-events", by: [`delete from event where ${told}`] },
  { breaks: "shipment-events", by: [`update event set type = 'shipment.delivered' where ${told}`] },
  { breaks: "shipment-events", by: [`delete from shipment where order_id = ${dispatched}`] },
  {
    breaks: "shipment-events",
    by: ["update shipment set status = 'dispatched', dispatched_at = now() where status = 'booked'"],
  },
  { breaks: "shipment-jobs", by: ["select graphile_worker.remove_job('book-shipment:' || id) from shipment"] },
  { breaks: "shipment-jobs", by: ["update shipment set status = 'booked' where status = 'dispatched'"] },
  { breaks: "idempotency-keys", by: ["update idempotency_key set answer = null"] },
];
const all = [...damages, ...logDamage("worker"), ...consumerDamage, ...jobDamage];

test("shipments in each of their states have no findings", async () => {
  expect(await findingsNow(database.sql, workerInvariants)).toEqual({});
});

test.each(all)("names $breaks after: $by", async (damage) => {
  expect(Object.keys(await findingsAfter(database.sql, workerInvariants, damage))).toContain(damage.breaks);
});

test("every invariant has been seen broken", () => {
  expect(new Set(all.map(({ breaks }) => breaks))).toEqual(new Set(workerInvariants.map(({ name }) => name)));
});
