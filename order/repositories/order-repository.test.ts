import { afterAll, beforeAll, expect, test } from "bun:test";
import { isFault, sqlState } from "@orderflow/common/database/sql-error";
import { Refusal } from "@orderflow/common/errors";
import { newId } from "@orderflow/common/ids";
import { ensureStreams } from "@orderflow/common/messaging/streams";
import { createTestDatabase, type TestDatabase } from "@orderflow/tools/testing/test-database";
import { cancelOrder } from "../domain/cancel-order.ts";
import { confirmOrder } from "../domain/confirm-order.ts";
import type { Order } from "../domain/order.ts";
import { anOrder } from "../testing/an-order.ts";
import type { Change } from "./change-many.ts";
import { createOrderRepository, type OrderRepository } from "./order-repository.ts";
import type { Placement } from "./place-many.ts";
import { updateOrders } from "./write-orders.ts";

let database: TestDatabase;
let orders: OrderRepository;
const announced: string[] = [];
const at = new Date("2026-11-21T12:00:00.000Z");
const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

beforeAll(async () => {
  database = await createTestDatabase({ service: "order" });
  await ensureStreams(database.sql, ["order", "order.commands.worker"]);
  orders = createOrderRepository(database.sql, (events) => announced.push(...events.map((event) => event.id)));
});
afterAll(() => database.drop());

test("a placed order reads back as it was decided, with its event, its line and its step", async () => {
  const placement = aPlacement();
  const order = accepted((await orders.placeMany([placement]))[0]);

  expect(await orders.byId(order.id)).toEqual(order);
  expect(order.number).toMatch(/^OF-\d{8}$/);
  const [event] = await eventsOf(order.id);
  expect(event).toMatchObject({ type: "order.created", correlation_id: "c-1", traceparent });
  expect(announced).toContain(event.id);
  expect(await orders.steps(order.id)).toEqual([
    {
      orderId: order.id,
      at: order.placedAt,
      event: "order.created",
      eventId: event.id,
      traceId: "0af7651916cd43dd8448eb211c80319c",
      status: "pending",
      version: 1,
    },
  ]);
});

test("20 placings at once with one key make one order", async () => {
  const request = aRequest();
  const placements = Array.from({ length: 20 }, () => aPlacement({ request }));
  const answers = await Promise.all(placements.map((placement) => orders.placeMany([placement])));

  const ids = new Set(answers.map(([answer]) => accepted(answer).id));
  expect(ids.size).toBe(1);
  expect(await ordersOf(request.callerId)).toHaveLength(1);
  expect(await eventsOf([...ids][0] ?? "")).toHaveLength(1);
});

test("another request under a key that is taken meanwhile is refused, and its neighbour is placed", async () => {
  const request = aRequest();
  await orders.placeMany([aPlacement({ request })]);
  const neighbour = aPlacement();
  const [reused, placed] = await orders.placeMany([aPlacement({ request: { ...request, hash: "other" } }), neighbour]);

  expect(reused).toMatchObject({ reason: "idempotency_key_reused" });
  expect(accepted(placed).id).toBe(neighbour.priced.id);
  expect(await ordersOf(request.callerId)).toHaveLength(1);
});

test("a batch that fails leaves nothing: no key, no order, no line, no step, no event", async () => {
  const count = async () => {
    const [row] = await database.sql`select (select count(*) from customer_order)::int as orders,
      (select count(*) from order_line)::int as lines, (select count(*) from timeline_entry)::int as steps,
      (select count(*) from idempotency_key)::int as keys, (select sum(head) from stream)::int as head,
      (select count(*) from event)::int as events`;
    return row;
  };
  const before = await count();
  const tooLarge = aPlacement();
  tooLarge.priced.shippingAddress.city = "x".repeat(300_000);

  await expect(orders.placeMany([aPlacement(), tooLarge])).rejects.toThrow(/the limit is 262144/);
  expect(await count()).toEqual(before);
});

test("a batch fails with what was wrong with it, not with what PostgreSQL said because of it", async () => {
  for (let round = 0; round < 10; round++) {
    const culprit = aPlacement();
    const contact = { ...culprit.priced.contact, name: "half a pair: \ud83d" };
    const batch = [aPlacement(), { ...culprit, priced: { ...culprit.priced, contact } }, aPlacement()];
    const error = await orders.placeMany(batch).catch((cause: unknown) => cause);
    expect(sqlState(error)).toStartWith("22");
    expect(isFault(error)).toBe(false);
  }
});

test("opposite orders of keys in two batches do not deadlock", async () => {
  for (let round = 0; round < 10; round++) {
    const requests = Array.from({ length: 20 }, aRequest);
    const batch = (list: typeof requests) => list.map((request) => aPlacement({ request }));
    const answers = await Promise.all([
      orders.placeMany(batch(requests)),
      orders.placeMany(batch([...requests].reverse())),
    ]);
    expect(new Set(answers.flat().map((answer) => accepted(answer).id)).size).toBe(20);
  }
});

test("a change is decided on the order as the change before it left it, and each is kept", async () => {
  const order = await placed();
  const answers = await orders.updateMany([confirming(order.id), cancelling(order.id), confirming(order.id)]);

  expect(answers.map((answer) => accepted(answer).status)).toEqual(["confirmed", "cancelled", "cancelled"]);
  expect(await orders.byId(order.id)).toMatchObject({ status: "cancelled", version: 3, updatedAt: at });
  const steps = await orders.steps(order.id);
  expect(steps.map(({ event, status, version }) => [event, status, version])).toEqual([
    ["order.created", "pending", 1],
    ["order.confirmed", "confirmed", 2],
    ["fulfil-order", "confirmed", 2],
    ["order.cancelled", "cancelled", 3],
  ]);
  const told = await eventsOf(order.id);
  expect(told.map((event: { id: string }) => event.id).sort()).toEqual(steps.map((step) => step.eventId).sort());
});

test("20 confirmations and cancellations at once are decided one after another", async () => {
  const order = await placed();
  const changes = Array.from({ length: 20 }, (_, n) => (n % 2 ? confirming(order.id) : cancelling(order.id)));
  const answers = await Promise.all(changes.map((change) => orders.updateMany([change])));

  expect(answers.flat().every((answer) => !(answer instanceof Refusal))).toBe(true);
  expect((await eventsOf(order.id)).filter((event: { type: string }) => event.type === "order.cancelled")).toHaveLength(
    1,
  );
  expect(await orders.byId(order.id)).toMatchObject({ status: "cancelled" });
});

test("one refusal leaves its neighbour's change alone", async () => {
  const [rejected, pending] = [await placed(), await placed()];
  await database.sql`update customer_order set status = 'rejected' where id = ${rejected.id}`;
  const [refused, cancelled] = await orders.updateMany([cancelling(rejected.id), cancelling(pending.id)]);

  expect(refused).toMatchObject({ reason: "order_rejected" });
  expect(cancelled).toMatchObject({ status: "cancelled" });
});

test("a cancel's key: the same request is answered, another one is refused, also 20 at once", async () => {
  const [first, second] = [await placed(), await placed()];
  const request = aRequest();
  const changes = Array.from({ length: 20 }, (_, n) =>
    n % 2
      ? { ...cancelling(first.id), request }
      : { ...cancelling(second.id), request: { ...request, hash: "of the second order" } },
  );
  const answers = (await Promise.all(changes.map((change) => orders.updateMany([change])))).flat();

  const reused = answers.filter((answer) => answer instanceof Refusal && answer.reason === "idempotency_key_reused");
  expect(reused).toHaveLength(10);
  const statuses = [await orders.byId(first.id), await orders.byId(second.id)].map((order) => order?.status);
  expect(statuses.sort()).toEqual(["cancelled", "pending"]);
});

test("a change decided on an earlier version is not written over a later one", async () => {
  const order = await placed();
  const confirmed = confirmOrder(order, at).state;
  await database.sql.begin((tx) => updateOrders(tx, [{ before: order, after: confirmed }]));
  const stale = database.sql.begin((tx) =>
    updateOrders(tx, [{ before: order, after: { ...confirmed, status: "cancelled" } }]),
  );

  await expect(stale).rejects.toThrow(/changed by somebody else/);
  expect(await orders.byId(order.id)).toEqual(confirmed);
});

test("a list shows the newest first, in pages, of one customer or of all, of one status or of any", async () => {
  const customerId = `customer-${newId()}`;
  const ids: string[] = [];
  for (let n = 0; n < 5; n++) ids.unshift((await placed(customerId)).id);
  await orders.updateMany([cancelling(ids[1] ?? "")]);

  const page = await orders.list({ customerId, limit: 2 });
  expect(page.map((order) => order.id)).toEqual(ids.slice(0, 2));
  const next = await orders.list({ customerId, limit: 10, beforeId: ids[1] });
  expect(next.map((order) => order.id)).toEqual(ids.slice(2));
  expect((await orders.list({ customerId, status: "cancelled", limit: 10 })).map((order) => order.id)).toEqual([
    ids[1] ?? "",
  ]);
  expect((await orders.list({ limit: 1, status: "pending" })).map((order) => order.id)).toEqual([ids[0] ?? ""]);
});

function aRequest() {
  return { callerId: `customer-${newId()}`, key: newId(), hash: "of the input" };
}

function aPlacement({ request = aRequest() } = {}): Placement {
  const { id, contact, lines, shippingAddress, placedAt } = anOrder();
  const priced = { id, contact, lines, shippingAddress, placedAt, customerId: request.callerId };
  return { request, priced, trace: { traceparent, correlationId: "c-1" } };
}

async function placed(customerId = `customer-${newId()}`): Promise<Order> {
  const [answer] = await orders.placeMany([aPlacement({ request: { ...aRequest(), callerId: customerId } })]);
  return accepted(answer);
}

function confirming(orderId: string): Change {
  return { orderId, trace: {}, decide: (order) => confirmOrder(order ?? anOrder(), at) };
}

function cancelling(orderId: string): Change {
  return { orderId, trace: {}, decide: (order) => cancelOrder(order ?? anOrder(), "changed my mind", at) };
}

function accepted(answer: Order | Refusal | undefined): Order {
  if (!answer || answer instanceof Refusal) throw answer ?? new Error("there is no answer");
  return answer;
}

async function eventsOf(orderId: string) {
  return await database.sql`select * from event where key = ${orderId} order by stream, position`;
}

async function ordersOf(customerId: string) {
  return await database.sql`select id from customer_order where customer_id = ${customerId}`;
}
