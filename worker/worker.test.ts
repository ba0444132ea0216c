import { afterAll, beforeAll, expect, test } from "bun:test";
import { fact } from "@orderflow/common/events/catalog";
import type { Event } from "@orderflow/common/messaging/event";
import type { Door } from "@orderflow/common/service/door";
import { eventually } from "@orderflow/tools/testing/eventually";
import { createTestDatabase, type TestDatabase } from "@orderflow/tools/testing/test-database";
import { testEnvironment } from "@orderflow/tools/testing/test-environment";
import { createTestProducer, type TestProducer } from "@orderflow/tools/testing/test-producer";
import { readWorkerConfig } from "./config.ts";
import { createContext, type WorkerContext } from "./context.ts";
import { fulfilOrders } from "./handlers/fulfil-orders.ts";
import { type RecordedCarrier, recordedCarrier } from "./providers/recorded-carrier.ts";
import { openWorker } from "./worker.ts";

const cancelledAtOrder = new Set<string>();
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
    authorizeDispatch: async (orderId: string) => (cancelledAtOrder.has(orderId) ? undefined : new Date()),
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

const contact = { name: "Ada", email: "ada@example.com" };
const shippingAddress = { name: "Ada", line1: "1 Main St", city: "Berlin", postalCode: "10115", country: "DE" };
const lines = [{ sku: "TEA-1", quantity: 2 }];

const fulfil = (orderId: string) => ({
  ...fact("fulfil-order", orderId, { orderId, number: orderId, contact, shippingAddress, lines }),
  correlationId: `correlation-${orderId}`,
});

const cancelled = (orderId: string, previousStatus: "pending" | "confirmed" = "confirmed") =>
  fact("order.cancelled", orderId, {
    ...{ orderId, number: "2026-000001", customerId: "c", contact, total: { amountMinor: 100, currency: "EUR" } },
    ...{ cancelledAt: new Date().toISOString(), reason: "changed my mind", previousStatus },
  });

type Row = { id: string; status: string; tracking_number: string | null; causation_id: string };
async function shipmentsOf(orderId: string): Promise<Row[]> {
  const rows: Row[] = await context.sql`select * from shipment where order_id = ${orderId}::uuid`;
  return [...rows];
}

type Told = { type: string; data: Record<string, string>; correlation_id: string; causation_id: string };
async function toldOf(orderId: string): Promise<Told[]> {
  const rows: Told[] =
    await context.sql`select * from event where stream = 'worker' and key = ${orderId} order by position`;
  return [...rows];
}

const becomes = (orderId: string, status: string) =>
  eventually(async () => expect(await shipmentsOf(orderId)).toMatchObject([{ status }]));

/** Everything worker was told so far is applied, since these came after it. */
async function caughtUp(): Promise<void> {
  const orderId = crypto.randomUUID();
  await order.append([fulfil(orderId), cancelled(crypto.randomUUID(), "pending")]);
  await becomes(orderId, "delivered");
  await eventually(async () => {
    const heads: { stream: string; position: string }[] = await context.sql`select stream, position from cursor`;
    for (const { stream, position } of heads) expect(Number(position)).toBe(await order.headOf(stream));
  });
}

test("a command becomes a booking, a dispatch and a delivery, told once each", async () => {
  const orderId = crypto.randomUUID();
  const [command] = (await order.append([fulfil(orderId)])) as [Event];
  await becomes(orderId, "delivered");

  const [shipment] = await shipmentsOf(orderId);
  expect(shipment).toMatchObject({ causation_id: command.id });
  expect(carrier.callsOf(command.id)).toEqual(["book", "dispatch"]);
  const told = await toldOf(orderId);
  expect(told.map(({ type }) => type)).toEqual(["shipment.dispatched", "shipment.delivered"]);
  for (const { data, correlation_id, causation_id } of told) {
    expect(data).toMatchObject({ orderId, shipmentId: shipment?.id, trackingNumber: shipment?.tracking_number });
    expect([correlation_id, causation_id]).toEqual([`correlation-${orderId}`, command.id]);
  }
});

test("a command that comes again changes nothing", async () => {
  const orderId = crypto.randomUUID();
  const events = await order.append([fulfil(orderId)]);
  await becomes(orderId, "delivered");
  order.publish(events);
  await context.sql.begin((tx) =>
    fulfilOrders(context)(tx, [...events, { ...(events[0] as Event), id: crypto.randomUUID() }]),
  );
  await caughtUp();
  expect(await shipmentsOf(orderId)).toHaveLength(1);
  expect(carrier.callsOf((events[0] as Event).id)).toEqual(["book", "dispatch"]);
  expect(await toldOf(orderId)).toHaveLength(2);
});

test("many commands at once each ship once, with positions that have no gaps", async () => {
  const orderIds = Array.from({ length: 200 }, () => crypto.randomUUID());
  await order.append(orderIds.map(fulfil));
  const ids = context.sql.array(orderIds, "TEXT");
  await eventually(
    async () => {
      const [row] = await context.sql`
        select count(*)::int as count from shipment where order_id = any(${ids}::uuid[]) and status = 'delivered'`;
      expect(row.count).toBe(200);
    },
    { timeoutMs: 20_000 },
  );
  const [told] = await context.sql`
    select count(*)::int as count, count(distinct (key, type))::int as distinct from event where key = any(${ids})`;
  expect(told).toEqual({ count: 400, distinct: 400 });
  const [log] =
    await context.sql`select count(*)::int as count, max(position)::int as head from event where stream = 'worker'`;
  expect(log.count).toBe(log.head);
}, 25_000);

test("an order that is not confirmed any more is not dispatched, and its booking is given back", async () => {
  const orderId = crypto.randomUUID();
  cancelledAtOrder.add(orderId);
  const [command] = (await order.append([fulfil(orderId)])) as [Event];
  await becomes(orderId, "cancelled");
  await eventually(() => expect(carrier.callsOf(command.id)).toEqual(["book", "cancel"]));
  expect(await toldOf(orderId)).toEqual([]);
});

test("a cancelled order takes its waiting shipment along", async () => {
  const orderId = crypto.randomUUID();
  const release = carrier.hold(orderId);
  const [command] = (await order.append([fulfil(orderId)])) as [Event];
  await becomes(orderId, "requested");
  await order.append([cancelled(orderId)]);
  await becomes(orderId, "cancelled");
  // The carrier is told while it still books: that finds nothing to give back, so it has to be told again.
  await eventually(() => expect(carrier.callsOf(command.id)).toEqual(["book", "cancel"]));
  release();
  await eventually(() => expect(carrier.callsOf(command.id)).toEqual(["book", "cancel", "cancel"]));
  expect(carrier.hasBooking(command.id)).toBe(false);
  expect(await toldOf(orderId)).toEqual([]);
});

test("a cancellation that overtakes its command leaves nothing to fulfil", async () => {
  const orderId = crypto.randomUUID();
  await order.append([cancelled(orderId)]);
  await becomes(orderId, "cancelled");
  const [command] = (await order.append([fulfil(orderId)])) as [Event];
  await caughtUp();
  await becomes(orderId, "cancelled");
  expect(carrier.callsOf(command.id)).toEqual([]);
});

test("an order cancelled while pending leaves no shipment, one cancelled after its delivery leaves it delivered", async () => {
  const [pending, delivered] = [crypto.randomUUID(), crypto.randomUUID()];
  await order.append([fulfil(delivered)]);
  await becomes(delivered, "delivered");
  await order.append([cancelled(pending, "pending"), cancelled(delivered)]);
  await caughtUp();
  expect(await shipmentsOf(pending)).toEqual([]);
  await becomes(delivered, "delivered");
});

test("a carrier that fails is asked again under the same key", async () => {
  const orderId = crypto.randomUUID();
  carrier.failNext(orderId, 1);
  const [command] = (await order.append([fulfil(orderId)])) as [Event];
  await eventually(async () => {
    await context.sql`update graphile_worker._private_jobs set run_at = now() where locked_at is null`;
    await context.sql`select pg_notify('jobs:insert', '{"count":1}')`;
    expect(await shipmentsOf(orderId)).toMatchObject([{ status: "delivered" }]);
  });
  expect(carrier.callsOf(command.id)).toEqual(["book", "book", "dispatch"]);
  expect(carrier.hasBooking(command.id)).toBe(true);
});
