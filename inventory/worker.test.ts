import { afterAll, expect, test } from "bun:test";
import { newId } from "@orderflow/common/ids";
import { redrive } from "@orderflow/common/messaging/dead-letters/redrive";
import { readEvents } from "@orderflow/common/messaging/read";
import type { Door } from "@orderflow/common/service/door";
import { eventually } from "@orderflow/tools/testing/eventually";
import { createTestProducer } from "@orderflow/tools/testing/test-producer";
import { applyWorkerEvents } from "./handlers/consumers.ts";
import { aContext } from "./testing/a-context.ts";
import { aProductRow } from "./testing/a-product-row.ts";
import { orderCancelled, orderCreated, shipmentDispatched } from "./testing/an-order-event.ts";
import { openWorker } from "./worker.ts";

const order = await createTestProducer({ service: "order", streams: ["order"] });
const worker = await createTestProducer({ service: "worker", streams: ["worker"] });
const shop = await aContext({ ORDER_URL: order.url, WORKER_URL: worker.url });
const { sql } = shop.context;
const doors: Door[] = [];
doors.push(await openWorker(shop.context), await openWorker(await shop.another()));

afterAll(async () => {
  for (const door of doors) await door.close();
  await shop.drop();
  await order.close();
  await worker.close();
});

async function stockOf(sku: string): Promise<[onHand: number, reserved: number]> {
  const [row] = await sql`select on_hand, reserved from stock where sku = ${sku}`;
  return [row.on_hand, row.reserved];
}

async function told(keys: string[], ...types: string[]) {
  const page = await readEvents(sql, { stream: "inventory", after: 0, limit: 500 });
  return page.events.filter(({ type, key }) => keys.includes(key) && types.includes(type));
}

/** `eventually` takes undefined for an assertion that holds, so none is null. */
function oneTold(keys: string[], type: string) {
  return eventually(async () => (await told(keys, type))[0] ?? null);
}

test("an order.created reserves, and stock.reserved names it as its cause", async () => {
  const sku = await aProductRow(sql);
  const orderId = newId();
  const fact = { ...orderCreated(orderId, [{ sku, quantity: 3 }]), correlationId: "corr-1" };
  const [created] = await order.append([fact]);
  const reserved = await oneTold([orderId], "stock.reserved");
  expect(reserved).toMatchObject({
    causationId: created?.id,
    correlationId: "corr-1",
    data: { lines: [{ sku, quantity: 3 }] },
  });
  expect(await stockOf(sku)).toEqual([10, 3]);
});

test("cancelled gives back, dispatched sells, each once though it is told twice", async () => {
  const sku = await aProductRow(sql);
  const [cancelled, shipped] = [newId(), newId()];
  const events = await order.append([
    orderCreated(cancelled, [{ sku, quantity: 2 }]),
    orderCreated(shipped, [{ sku, quantity: 3 }]),
    orderCancelled(cancelled),
  ]);
  await oneTold([cancelled], "stock.released");
  const dispatched = await worker.append([shipmentDispatched(shipped)]);
  await oneTold([shipped], "stock.sold");
  order.publish(events);
  worker.publish(dispatched);

  // What is appended after the doubles is applied after them.
  const last = newId();
  await order.append([orderCreated(last, [{ sku, quantity: 1 }])]);
  await oneTold([last], "stock.reserved");
  expect(await stockOf(sku)).toEqual([7, 1]);
});

test("an order that was rejected, lost by order and brought back is not decided anew; one that was never heard is", async () => {
  const sku = await aProductRow(sql, { onHand: 5 });
  const [rejected, unheard] = [newId(), newId()];
  const [created] = await order.append([orderCreated(rejected, [{ sku, quantity: 6 }])]);
  await oneTold([rejected], "stock.rejected");
  await sql`
    insert into lost_event (id, stream, position, type, key)
    values (${created?.id}, 'order', 1, 'order.created', ${rejected})`;
  await sql`update stock set on_hand = 100 where sku = ${sku}`;
  const broughtBackAt = new Date().toISOString();
  await order.append(
    [rejected, unheard].map((orderId) => {
      const fact = orderCreated(orderId, [{ sku, quantity: 6 }]);
      return { ...fact, data: { ...fact.data, broughtBackAt } };
    }),
  );
  await oneTold([unheard], "stock.reserved");
  expect(await told([rejected], "stock.reserved", "stock.rejected")).toHaveLength(1);
});

test("a dispatch heard before its order, as after a restore, waits for an operator instead of being passed over", async () => {
  const sku = await aProductRow(sql);
  const orderId = newId();
  await worker.append([shipmentDispatched(orderId)]);
  await eventually(async () => {
    const [letter] = await sql`select error from dead_letter where key = ${orderId}`;
    expect(letter.error).toContain("Nothing was ever reserved");
  });
  await order.append([orderCreated(orderId, [{ sku, quantity: 2 }])]);
  await oneTold([orderId], "stock.reserved");
  const apply = applyWorkerEvents(shop.context);
  await redrive({ sql, apply, publish: () => undefined }, { stream: "worker", key: orderId });
  await oneTold([orderId], "stock.sold");
  expect(await stockOf(sku)).toEqual([8, 0]);
});

test("two instances hear 20 orders for the 5 that are left and never oversell", async () => {
  const sku = await aProductRow(sql, { onHand: 5 });
  const orderIds = Array.from({ length: 20 }, newId);
  await Promise.all(orderIds.map((orderId) => order.append([orderCreated(orderId, [{ sku, quantity: 1 }])])));
  await eventually(async () => expect(await told(orderIds, "stock.reserved", "stock.rejected")).toHaveLength(20));
  expect(await told(orderIds, "stock.reserved")).toHaveLength(5);
  expect(await stockOf(sku)).toEqual([5, 5]);
});
