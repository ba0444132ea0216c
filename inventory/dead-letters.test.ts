import { afterAll, describe, expect, test } from "bun:test";
import type { OrderCreated } from "@orderflow/common/events/order-events";
import { newId } from "@orderflow/common/ids";
import type { Fact } from "@orderflow/common/messaging/event";
import type { Door } from "@orderflow/common/service/door";
import { eventually } from "@orderflow/tools/testing/eventually";
import { createTestProducer } from "@orderflow/tools/testing/test-producer";
import type { z } from "zod";
import { openApi } from "./api.ts";
import { aContext } from "./testing/a-context.ts";
import { aProductRow } from "./testing/a-product-row.ts";
import { clientOf, refusalOf } from "./testing/an-api.ts";
import { orderCancelled, orderCreated } from "./testing/an-order-event.ts";
import { openWorker } from "./worker.ts";

const order = await createTestProducer({ service: "order", streams: ["order"] });
const worker = await createTestProducer({ service: "worker", streams: ["worker"] });
const shop = await aContext({ ORDER_URL: order.url, WORKER_URL: worker.url });
const { sql } = shop.context;
const doors: Door[] = [];
const api = await openApi(shop.context);
doors.push(api, await openWorker(shop.context));
const operator = await clientOf(api.url, "operator");

afterAll(async () => {
  for (const door of doors) await door.close();
  await shop.drop();
  await order.close();
  await worker.close();
});

/** An order.created whose lines this service cannot read. */
function unreadableOrder(orderId: string): Fact {
  const { data, ...fact } = orderCreated(orderId, []);
  return { ...fact, data: { ...data, lines: [{ sku: 7, quantity: "many" }] } };
}

const isCaughtUp = () =>
  eventually(async () => {
    const [row] = await sql`select position::int as position from cursor where stream = 'order'`;
    expect(row?.position).toBe(await order.headOf("order"));
  });
const waiting = async (key: string) => (await operator.deadLetters.list.query({ key })).items;

async function stockOf(sku: string): Promise<[onHand: number, reserved: number]> {
  const [row] = await sql`select on_hand, reserved from stock where sku = ${sku}`;
  return [row.on_hand, row.reserved];
}

describe("an order.created that cannot be read", () => {
  test("is set aside, what follows of the order waits behind it, and other orders are reserved", async () => {
    const sku = await aProductRow(sql);
    const [broken, fine] = [newId(), newId()];
    await order.append([unreadableOrder(broken), orderCreated(fine, [{ sku, quantity: 2 }]), orderCancelled(broken)]);
    await isCaughtUp();

    expect(await stockOf(sku)).toEqual([10, 2]);
    const [first, second] = await waiting(broken);
    expect(first).toMatchObject({ type: "order.created", isParked: false, attempts: 3, stream: "order" });
    expect(first?.error).toContain("lines");
    expect(second).toMatchObject({ type: "order.cancelled", isParked: true });
    const detail = await operator.deadLetters.show.query({ stream: "order", position: first?.position ?? 0 });
    expect(detail).toMatchObject({ behind: 1, event: { data: { orderId: broken } } });
  });

  test("stays when it is redriven unmended, and is reserved once its data is mended", async () => {
    const sku = await aProductRow(sql);
    const orderId = newId();
    await order.append([unreadableOrder(orderId)]);
    await isCaughtUp();
    const redrive = () =>
      operator.deadLetters.redrive.mutate({ idempotencyKey: newId(), stream: "order", key: orderId });
    const [letter] = await waiting(orderId);
    expect(await redrive()).toEqual({ redriven: 0, remaining: 1, failedAt: letter?.position ?? 0 });

    const { data } = orderCreated(orderId, [{ sku, quantity: 3 }]) as { data: z.infer<typeof OrderCreated> };
    await sql`update dead_letter set event = jsonb_set(event, '{data}', ${data}::jsonb) where key = ${orderId}`;
    expect(await redrive()).toEqual({ redriven: 1, remaining: 0, failedAt: null });
    expect(await stockOf(sku)).toEqual([10, 3]);
    const [told] = await sql`select type, causation_id from event where stream = 'inventory' and key = ${orderId}`;
    expect(told).toEqual({ type: "stock.reserved", causation_id: letter?.eventId });
  });

  test("can be discarded: what waited behind it is applied without it", async () => {
    const orderId = newId();
    await order.append([unreadableOrder(orderId), orderCancelled(orderId)]);
    await isCaughtUp();
    const [letter] = await waiting(orderId);
    const call = { idempotencyKey: newId(), stream: "order", position: letter?.position ?? 0, reason: "a test" };
    const discarded = await operator.deadLetters.discard.mutate(call);
    expect(discarded).toMatchObject({ key: orderId, remaining: 1 });
    expect(await operator.deadLetters.discard.mutate(call)).toEqual(discarded);
    await operator.deadLetters.redrive.mutate({ idempotencyKey: newId(), stream: "order", key: orderId });
    expect(await waiting(orderId)).toEqual([]);
  });
});

test("a type that inventory does not know is passed over", async () => {
  const orderId = newId();
  await order.append([{ stream: "order", type: "order.gift-wrapped", key: orderId, data: { ribbon: "red" } }]);
  await isCaughtUp();
  expect(await waiting(orderId)).toEqual([]);
});

test("an event of 300 kB is refused where it would be appended, and the stream goes on", async () => {
  const sku = await aProductRow(sql);
  const orderId = newId();
  const huge = { ...orderCancelled(orderId), data: { note: "x".repeat(300_000) } };
  await expect(order.append([huge])).rejects.toThrow("the limit is 262144");
  await order.append([orderCreated(orderId, [{ sku, quantity: 1 }])]);
  await isCaughtUp();
  expect(await stockOf(sku)).toEqual([10, 1]);
});

test("dead letters are for operators", async () => {
  for (const role of ["nobody", "customer"] as const) {
    const client = await clientOf(api.url, role);
    const refused = await refusalOf(client.deadLetters.list.query({}));
    expect(refused.reason).toBe(role === "nobody" ? "unauthenticated" : "forbidden");
  }
  const place = { stream: "order", position: 999_999 };
  expect(await refusalOf(operator.deadLetters.show.query(place))).toMatchObject({ reason: "dead_letter_not_found" });
});
