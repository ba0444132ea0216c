import { afterAll, beforeAll, expect, test } from "bun:test";
import { type EventData, type EventType, fact } from "@orderflow/common/events/catalog";
import { newId } from "@orderflow/common/ids";
import type { Event, EventPage } from "@orderflow/common/messaging/event";
import { createPublisher } from "@orderflow/common/messaging/publisher";
import type { Door } from "@orderflow/common/service/door";
import { eventually } from "@orderflow/tools/testing/eventually";
import { aCustomer, aPlaceInput, type OpenOrder, openOrder } from "./testing/open-order.ts";
import { openWorker } from "./worker.ts";

let order: OpenOrder;
let worker: Door;
const inventory = aNeighbour("inventory");
const shipments = aNeighbour("worker");

beforeAll(async () => {
  order = await openOrder({ inventoryStream: inventory, workerStream: shipments });
  worker = await openWorker(order.context);
  await eventually(() => expect(order.context.broker.isConnected()).toBe(true));
});
afterAll(async () => {
  await worker.close();
  await order.close();
});

test("reserved stock confirms the order and commands its fulfilment, with cause, correlation and trace", async () => {
  const { client, orderId } = await aPlacedOrder();
  const reserved = inventory.tell("stock.reserved", orderId, { orderId, lines: [{ sku: "TEA-1", quantity: 2 }] });

  await eventually(async () => expect((await client.byId.query({ orderId })).status).toBe("confirmed"));
  const events = await order.database
    .sql`select * from event where key = ${orderId} and causation_id = ${reserved.id} order by stream`;
  expect(events.map((event: { type: string }) => event.type)).toEqual(["order.confirmed", "fulfil-order"]);
  for (const event of events) expect(event.correlation_id).toBe(reserved.correlationId ?? "");
  for (const event of events) expect(event.traceparent).toContain(reserved.traceparent?.split("-")[1] ?? "none");
  expect(events[1]).toMatchObject({ stream: "order.commands.worker", data: { orderId, lines: aPlaceInput().lines } });
  const { items } = await client.timeline.query({ orderId });
  expect(items.map((item) => item.event)).toEqual([
    "order.created",
    "stock.reserved",
    "order.confirmed",
    "fulfil-order",
  ]);
  expect(items[1]).toMatchObject({
    eventId: reserved.id,
    at: reserved.time,
    traceId: reserved.traceparent?.split("-")[1],
  });
});

test("from reserved to delivered, though the broker brings nothing, and each event comes twice", async () => {
  const { client, orderId } = await aPlacedOrder();
  const shipment = { shipmentId: newId(), orderId, carrier: "Simulated Post", trackingNumber: "SP-1" };
  const stock = { orderId, lines: [{ sku: "TEA-1", quantity: 2 }] };
  for (let n = 0; n < 2; n++) inventory.tell("stock.reserved", orderId, stock, { isPublished: false });
  await eventually(async () => expect((await client.byId.query({ orderId })).status).toBe("confirmed"));
  for (let n = 0; n < 2; n++) {
    shipments.tell(
      "shipment.dispatched",
      orderId,
      { ...shipment, dispatchedAt: new Date().toISOString() },
      { isPublished: false },
    );
  }
  for (let n = 0; n < 2; n++) {
    shipments.tell(
      "shipment.delivered",
      orderId,
      { ...shipment, deliveredAt: new Date().toISOString() },
      { isPublished: false },
    );
  }

  await eventually(async () => expect((await client.byId.query({ orderId })).status).toBe("delivered"));
  const { items } = await client.timeline.query({ orderId });
  expect(items.map((item) => item.event)).toEqual([
    "order.created",
    "stock.reserved",
    "order.confirmed",
    "fulfil-order",
    "shipment.dispatched",
    "order.shipped",
    "shipment.delivered",
    "order.delivered",
  ]);
});

test("stock that could not be reserved rejects the order", async () => {
  const { client, orderId } = await aPlacedOrder();
  inventory.tell("stock.rejected", orderId, { orderId, reason: "out_of_stock", skus: ["TEA-1"] });

  await eventually(async () => expect((await client.byId.query({ orderId })).status).toBe("rejected"));
  const [event] = await order.database.sql`select data from event where key = ${orderId} and type = 'order.rejected'`;
  expect(event.data).toMatchObject({ reason: "out_of_stock", skus: ["TEA-1"] });
});

test("stock reserved for an order that was cancelled meanwhile changes nothing", async () => {
  const { client, orderId } = await aPlacedOrder();
  await client.cancel.mutate({ orderId, idempotencyKey: newId(), reason: "changed my mind" });
  const reserved = inventory.tell("stock.reserved", orderId, { orderId, lines: [{ sku: "TEA-1", quantity: 2 }] });

  await eventually(async () => expect(await cursorOf("inventory")).toBeGreaterThanOrEqual(reserved.position));
  expect((await client.byId.query({ orderId })).status).toBe("cancelled");
  expect(await order.database.sql`select id from event where causation_id = ${reserved.id}`).toHaveLength(0);
});

test("a shipment of a cancelled order is a dead letter, and the next order's event is applied", async () => {
  const cancelled = await aPlacedOrder();
  const next = await aPlacedOrder();
  await cancelled.client.cancel.mutate({
    orderId: cancelled.orderId,
    idempotencyKey: newId(),
    reason: "changed my mind",
  });
  inventory.tell("stock.reserved", next.orderId, { orderId: next.orderId, lines: [{ sku: "TEA-1", quantity: 2 }] });
  await eventually(async () => expect((await next.client.byId.query(next)).status).toBe("confirmed"));
  for (const { orderId } of [cancelled, next]) {
    const shipment = { shipmentId: newId(), orderId, carrier: "Simulated Post", trackingNumber: "SP-1" };
    shipments.tell("shipment.dispatched", orderId, { ...shipment, dispatchedAt: new Date().toISOString() });
  }

  await eventually(async () => expect((await next.client.byId.query(next)).status).toBe("shipped"));
  const letters = await order.database.sql`select key, error from dead_letter where stream = 'worker'`;
  expect(letters).toEqual([{ key: cancelled.orderId, error: expect.stringContaining("contradicts it") }]);
});

async function aPlacedOrder() {
  const client = await order.as(aCustomer());
  const { id: orderId } = await client.place.mutate(aPlaceInput());
  return { client, orderId };
}

async function cursorOf(stream: string): Promise<number> {
  const [row] = await order.database.sql`select position from cursor where stream = ${stream}`;
  return Number(row.position);
}

/** A producer with its log in memory, which tells over the real broker and is asked directly. */
function aNeighbour(stream: string) {
  const logId = newId();
  const events: Event[] = [];

  function tell<T extends EventType>(type: T, key: string, data: EventData<T>, { isPublished = true } = {}): Event {
    const event: Event = {
      ...fact(type, key, data),
      id: newId(),
      time: new Date().toISOString(),
      logId,
      position: events.length + 1,
      previousId: events.at(-1)?.id ?? null,
      correlationId: `correlation-${newId()}`,
      traceparent: `00-${newId().replaceAll("-", "")}-b7ad6b7169203331-01`,
    };
    events.push(event);
    if (isPublished) createPublisher(order.context).publish([event]);
    return event;
  }

  async function readPage(after: number, limit: number): Promise<EventPage> {
    const page = events.slice(after, after + limit);
    return { logId, head: events.length, afterId: events[after - 1]?.id ?? null, isPruned: false, events: page };
  }

  return { stream, tell, readPage };
}
