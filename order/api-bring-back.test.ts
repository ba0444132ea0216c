import { afterAll, beforeAll, expect, test } from "bun:test";
import type { EventData } from "@orderflow/common/events/catalog";
import { OrderCreated } from "@orderflow/common/events/order-events";
import { newId } from "@orderflow/common/ids";
import { aCustomer, aPlaceInput, type OpenOrder, openOrder, operator } from "./testing/open-order.ts";
import { refusalOf } from "./testing/refusal-of.ts";

let order: OpenOrder;
beforeAll(async () => {
  order = await openOrder();
});
afterAll(() => order.close());

function aLostOrder(): EventData<"order.created"> {
  return {
    orderId: newId(),
    number: "2026-004711",
    customerId: "customer-1",
    contact: { name: "Ada Lovelace", email: "ada@example.com" },
    total: { amountMinor: 900, currency: "EUR" },
    lines: [{ sku: "TEA-1", name: "Green tea", quantity: 2, unitPrice: { amountMinor: 450, currency: "EUR" } }],
    shippingAddress: { name: "Ada", line1: "1 Main St", city: "London", postalCode: "SW1Y 4JH", country: "GB" },
    placedAt: "2026-03-02T10:00:00.000Z",
  };
}

const eventsOf = async (orderId: string) =>
  (await order.context.sql`select type, data from event where key = ${orderId} order by position`).map(
    (row: object) => ({ ...row }),
  );

test("an order that was lost comes back pending, under its id, number and prices, and is told of once", async () => {
  const created = aLostOrder();
  const client = await order.as(operator);
  const bring = () => client.bringBack.mutate({ idempotencyKey: newId(), created });
  const answers = await Promise.all([bring(), bring(), bring()]);
  expect(answers[0]).toMatchObject({
    ...{ id: created.orderId, number: "2026-004711", status: "pending", version: 1, total: created.total },
    ...{ lines: created.lines, placedAt: created.placedAt, customerId: "customer-1" },
  });
  expect(answers[1]).toEqual(answers[0]);
  expect(await eventsOf(created.orderId)).toEqual([
    { type: "order.created", data: { ...created, broughtBackAt: expect.any(String) } },
  ]);
});

test("an order that is there is answered as it is", async () => {
  const created = aLostOrder();
  const client = await order.as(operator);
  await client.bringBack.mutate({ idempotencyKey: newId(), created });
  await client.cancel.mutate({ idempotencyKey: newId(), orderId: created.orderId, reason: "changed my mind" });
  const again = await client.bringBack.mutate({ idempotencyKey: newId(), created });
  expect(again.status).toBe("cancelled");
  expect(await eventsOf(created.orderId)).toHaveLength(2);
});

test("the call that placed it is answered with it again, and places no second one", async () => {
  const customer = aCustomer();
  const input = aPlaceInput();
  const placing = await order.as(customer);
  const { id } = await placing.place.mutate(input);
  const [event] = await order.context.sql`select data from event where key = ${id} and type = 'order.created'`;
  await forget(id);
  await (await order.as(operator)).bringBack.mutate({
    idempotencyKey: newId(),
    created: OrderCreated.parse(event.data),
  });

  expect((await placing.place.mutate(input)).id).toBe(id);
  const reused = placing.place.mutate({ ...input, lines: [{ sku: "TEA-1", quantity: 7 }] });
  expect(await refusalOf(reused)).toMatchObject({ reason: "idempotency_key_reused" });
});

test("one whose key has placed another order meanwhile comes back without it", async () => {
  const customer = aCustomer();
  const input = aPlaceInput();
  const placing = await order.as(customer);
  const { id: lost } = await placing.place.mutate(input);
  const [event] = await order.context.sql`select data from event where key = ${lost} and type = 'order.created'`;
  await forget(lost);
  const { id: second } = await placing.place.mutate(input);
  expect(second).not.toBe(lost);
  const bring = { idempotencyKey: newId(), created: OrderCreated.parse(event.data) };
  expect((await (await order.as(operator)).bringBack.mutate(bring)).id).toBe(lost);
  expect((await placing.place.mutate(input)).id).toBe(second);
});

/** As restoring an older copy does. */
async function forget(orderId: string): Promise<void> {
  const { sql } = order.context;
  await sql`delete from idempotency_key where order_id = ${orderId}`;
  await sql`delete from order_line where order_id = ${orderId}`;
  await sql`delete from timeline_entry where order_id = ${orderId}`;
  await sql`delete from customer_order where id = ${orderId}`;
}

test("customers bring nothing back", async () => {
  const client = await order.as(aCustomer());
  const call = client.bringBack.mutate({ idempotencyKey: newId(), created: aLostOrder() });
  expect(await refusalOf(call)).toMatchObject({ reason: "forbidden" });
});
