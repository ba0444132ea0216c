import { afterAll, beforeAll, expect, test } from "bun:test";
import type { EventData } from "@orderflow/common/events/catalog";
import { newId } from "@orderflow/common/ids";
import { aCustomer, type OpenOrder, openOrder, operator } from "./testing/open-order.ts";
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
  expect(await eventsOf(created.orderId)).toEqual([{ type: "order.created", data: created }]);
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

test("customers bring nothing back", async () => {
  const client = await order.as(aCustomer());
  const call = client.bringBack.mutate({ idempotencyKey: newId(), created: aLostOrder() });
  expect(await refusalOf(call)).toMatchObject({ reason: "forbidden" });
});
