import { afterAll, beforeAll, expect, test } from "bun:test";
import { fact } from "@orderflow/common/events/catalog";
import { listJobs } from "@orderflow/common/jobs/list-jobs";
import { rerunJob } from "@orderflow/common/jobs/rerun-job";
import type { Event } from "@orderflow/common/messaging/event";
import type { Door } from "@orderflow/common/service/door";
import { eventually } from "@orderflow/tools/testing/eventually";
import { createTestDatabase, type TestDatabase } from "@orderflow/tools/testing/test-database";
import { testEnvironment } from "@orderflow/tools/testing/test-environment";
import { createTestProducer, type TestProducer } from "@orderflow/tools/testing/test-producer";
import { readWorkerConfig } from "./config.ts";
import { createContext, type WorkerContext } from "./context.ts";
import { aShipment } from "./domain/a-shipment.ts";
import { type RecordedCarrier, recordedCarrier } from "./providers/recorded-carrier.ts";
import { insertShipments } from "./repositories/shipment-rows.ts";
import { openWorker } from "./worker.ts";

const cancelledAtOrder = new Set<string>();
const unknownAtOrder = new Set<string>();
let database: TestDatabase;
let order: TestProducer;
let carrier: RecordedCarrier;
let context: WorkerContext;
let door: Door;

beforeAll(async () => {
  [database, order] = await Promise.all([
    createTestDatabase({ service: "worker" }),
    createTestProducer({ service: "order", streams: ["order", "order.commands.worker"] }),
  ]);
  carrier = recordedCarrier();
  const environment = {
    ...(await testEnvironment({ service: "worker", databaseUrl: database.url })),
    ORDER_URL: order.url,
    CARRIER_DISPATCH_DELAY_MS: "0",
    CARRIER_DELIVERY_DELAY_MS: "0",
  };
  const orders = {
    async authorizeDispatch(orderId: string) {
      if (unknownAtOrder.has(orderId)) throw new Error("order cannot tell");
      return cancelledAtOrder.has(orderId) ? undefined : new Date();
    },
  };
  context = await createContext(readWorkerConfig(environment), { carrier, orders });
  door = await openWorker(context);
});

afterAll(async () => {
  await door.close();
  await context.close();
  await order.close();
  await database.drop();
});

const ids = (count: number) => Array.from({ length: count }, () => crypto.randomUUID());

/** Orders confirmed at the same moment: their bookings are one bundle. Answers the commands by their order. */
async function fulfilAtOnce(orderIds: string[]): Promise<Map<string, Event>> {
  const contact = { name: "Ada", email: "ada@example.com" };
  const shippingAddress = { name: "Ada", line1: "1 Main St", city: "Berlin", postalCode: "10115", country: "DE" };
  const lines = [{ sku: "TEA-1", quantity: 2 }];
  const events = await order.append(
    orderIds.map((orderId) =>
      fact("fulfil-order", orderId, { orderId, number: orderId, contact, shippingAddress, lines }),
    ),
  );
  return new Map(orderIds.map((orderId, at) => [orderId, events[at] as Event]));
}

async function statusesOf(orderIds: string[]): Promise<string[]> {
  const wanted = context.sql.array(orderIds, "TEXT");
  const rows: { status: string }[] =
    await context.sql`select status from shipment where order_id = any(${wanted}::uuid[])`;
  return rows.map(({ status }) => status);
}

const become = (orderIds: string[], status: string) =>
  eventually(async () => expect(await statusesOf(orderIds)).toEqual(orderIds.map(() => status)), { timeoutMs: 15_000 });

const jobs = async () => (await listJobs(context.sql, { limit: 50 })).items;

async function runJobsNow(): Promise<void> {
  await context.sql`update graphile_worker._private_jobs set run_at = now() where locked_at is null`;
  await context.sql`select pg_notify('jobs:insert', '{"count":1}')`;
}

test("of a bundle of bookings the one that the carrier fails is asked for again, and the others ship meanwhile", async () => {
  const orderIds = ids(30);
  const [failing = "", ...good] = orderIds;
  carrier.failNext(failing, 1);
  const commands = await fulfilAtOnce(orderIds);
  await become(good, "delivered");
  expect(await statusesOf([failing])).toEqual(["requested"]);
  await eventually(async () =>
    expect(await jobs()).toMatchObject([
      { task: "book-shipment", attempts: 1, jobs: 1, lastError: expect.stringContaining("The answer was lost") },
    ]),
  );
  await runJobsNow();
  await become([failing], "delivered");
  const callsOf = (orderId: string) => carrier.callsOf(commands.get(orderId)?.id ?? "");
  expect(callsOf(failing)).toEqual(["book", "book", "dispatch"]);
  for (const orderId of good) expect(callsOf(orderId)).toEqual(["book", "dispatch"]);
});

test("of a bundle of dispatches those of cancelled orders do not leave, and their bookings are given back", async () => {
  const orderIds = ids(30);
  const [first = "", second = "", ...good] = orderIds;
  cancelledAtOrder.add(first).add(second);
  const commands = await fulfilAtOnce(orderIds);
  await become(good, "delivered");
  await become([first, second], "cancelled");
  for (const orderId of [first, second]) {
    const key = commands.get(orderId)?.id ?? "";
    await eventually(() => expect(carrier.callsOf(key)).toEqual(["book", "cancel"]));
    expect(carrier.hasBooking(key)).toBe(false);
  }
});

test("a dispatch that fails for the last time is listed alone, and leaves once it is rerun", async () => {
  const shipments = [1, 2, 3].map(() => aShipment({ status: "booked" }));
  const [stuck] = shipments;
  unknownAtOrder.add(stuck?.orderId ?? "");
  const bundle = shipments.map(({ id }) => ({ key: `dispatch-shipment:${id}`, payload: { shipmentId: id } }));
  await context.sql.begin(async (tx) => {
    await insertShipments(tx, shipments);
    await tx`select graphile_worker.add_job('dispatch-shipment:bundle', ${JSON.stringify({ bundle })}::text::json,
      max_attempts := 1)`;
  });
  await become(
    shipments.slice(1).map(({ orderId }) => orderId),
    "delivered",
  );
  const [exhausted] = await eventually(async () => {
    const { items } = await listJobs(context.sql, { state: "exhausted", limit: 5 });
    expect(items).toMatchObject([
      { task: "dispatch-shipment", key: `dispatch-shipment:${stuck?.id}`, lastError: "order cannot tell", jobs: 1 },
    ]);
    return items;
  });
  unknownAtOrder.clear();
  await rerunJob(context.sql, exhausted?.id ?? "");
  await become([stuck?.orderId ?? ""], "delivered");
});

test("jobs that the release before has added are run", async () => {
  const shipment = aShipment();
  await context.sql.begin(async (tx) => {
    await insertShipments(tx, [shipment]);
    const payload = JSON.stringify({ shipmentId: shipment.id, _trace: {} });
    await tx`select graphile_worker.add_job('book-shipment', ${payload}::text::json,
      job_key := ${`book-shipment:${shipment.id}`})`;
  });
  await become([shipment.orderId], "delivered");
});
