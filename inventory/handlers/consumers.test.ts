import { afterAll, describe, expect, test } from "bun:test";
import { transact } from "@orderflow/common/database/connect-database";
import { newId } from "@orderflow/common/ids";
import type { Event } from "@orderflow/common/messaging/event";
import { aContext } from "../testing/a-context.ts";
import { aProductRow } from "../testing/a-product-row.ts";
import { asEvent, orderCancelled, orderCreated, shipmentDispatched } from "../testing/an-order-event.ts";
import { applyOrderEvents, applyWorkerEvents } from "./consumers.ts";

const shop = await aContext({ DATABASE_POOL_SIZE: "12" });
const { sql } = shop.context;
afterAll(() => shop.drop());

const hear = (...events: Event[]) => transact(sql, (tx) => applyOrderEvents(shop.context)(tx, events));
const hearWorker = (...events: Event[]) => transact(sql, (tx) => applyWorkerEvents(shop.context)(tx, events));
const ordering = (sku: string, quantity = 1, orderId = newId()) => asEvent(orderCreated(orderId, [{ sku, quantity }]));

async function stockOf(sku: string): Promise<[onHand: number, reserved: number]> {
  const [row] = await sql`select on_hand, reserved from stock where sku = ${sku}`;
  return [row.on_hand, row.reserved];
}

/** What the ledger says the stock must be. */
async function ledgerOf(sku: string): Promise<[onHand: number, reserved: number]> {
  const [row] = await sql`
    select sum(on_hand_delta)::int as on_hand, sum(reserved_delta)::int as reserved from stock_movement where sku = ${sku}`;
  return [row.on_hand, row.reserved];
}

describe("hearing of orders", () => {
  test("20 transactions at once for a SKU with 5 left reserve 5 and reject 15", async () => {
    const sku = await aProductRow(sql, { onHand: 5 });
    const facts = (await Promise.all(Array.from({ length: 20 }, () => hear(ordering(sku))))).flat();
    expect(facts.filter(({ type }) => type === "stock.reserved")).toHaveLength(5);
    expect(facts.filter(({ type }) => type === "stock.rejected")).toHaveLength(15);
    expect(await stockOf(sku)).toEqual([5, 5]);
    expect(await ledgerOf(sku)).toEqual([5, 5]);
  });

  test("two batches over the same SKUs in opposite order do not deadlock", async () => {
    const skus = await Promise.all(Array.from({ length: 30 }, () => aProductRow(sql, { onHand: 1_000 })));
    const batches = Array.from({ length: 8 }, (_, n) =>
      (n % 2 === 0 ? skus : skus.toReversed()).map((sku) => ordering(sku)),
    );
    await Promise.all(batches.map((batch) => hear(...batch)));
    for (const sku of skus) expect(await stockOf(sku)).toEqual([1_000, 8]);
  });

  test("one batch of 20 for 5 left is decided one by one, in its order", async () => {
    const sku = await aProductRow(sql, { onHand: 5 });
    const facts = await hear(...Array.from({ length: 20 }, () => ordering(sku)));
    const orders = facts.filter(({ type }) => type !== "stock.low").map(({ type }) => type);
    expect(orders).toEqual([...Array(5).fill("stock.reserved"), ...Array(15).fill("stock.rejected")]);
    expect(await ledgerOf(sku)).toEqual([5, 5]);
  });

  test("a full batch of 500 orders with 50 lines each is decided before its statements time out", async () => {
    const skus = Array.from({ length: 10_000 }, () => `BULK-${newId()}`);
    await sql`insert into product (sku, name, unit_price_minor, currency)
              select sku, sku, 1, 'EUR' from unnest(${sql.array(skus, "TEXT")}) as row(sku)`;
    await sql`insert into stock (sku, on_hand) select sku, 1000 from product where sku like 'BULK-%'`;
    const linesFrom = (n: number) =>
      Array.from({ length: 50 }, (_, k) => ({ sku: skus[(n * 50 + k) % skus.length] ?? "", quantity: 1 }));
    const batch = Array.from({ length: 500 }, (_, n) => asEvent(orderCreated(newId(), linesFrom(n))));
    expect((await hear(...batch)).filter(({ type }) => type === "stock.reserved")).toHaveLength(500);
    expect(await stockOf(skus[0] ?? "")).toEqual([1_000, 3]);
  });

  test("an order created and cancelled in one batch leaves its unit to the next", async () => {
    const sku = await aProductRow(sql, { onHand: 1 });
    const first = newId();
    const cancelled = asEvent(orderCancelled(first));
    const facts = await hear(ordering(sku, 1, first), cancelled, ordering(sku));
    expect(facts.map(({ type }) => type)).toEqual(["stock.reserved", "stock.released", "stock.reserved"]);
    expect(facts[1]).toMatchObject({ causationId: cancelled.id, correlationId: "corr-1" });
    expect(await stockOf(sku)).toEqual([1, 1]);
    const rows = await sql`select kind, cause from stock_movement where sku = ${sku} order by id`;
    expect(rows.map((row: { kind: string }) => row.kind)).toEqual(["received", "reserved", "released", "reserved"]);
    expect(rows[2].cause).toBe(cancelled.id);
  });

  test("the same order again changes nothing", async () => {
    const sku = await aProductRow(sql);
    const orderId = newId();
    await hear(ordering(sku, 3, orderId));
    expect(await hear(ordering(sku, 3, orderId))).toEqual([]);
    expect(await stockOf(sku)).toEqual([10, 3]);
  });

  test("a cancelled order that holds nothing, and a type nobody knows, change nothing", async () => {
    const unknown = { ...ordering("X"), type: "order.praised" };
    expect(await hear(asEvent(orderCancelled(newId())), unknown)).toEqual([]);
  });

  test("an unknown SKU rejects the order whole", async () => {
    const sku = await aProductRow(sql);
    const orderId = newId();
    const lines = [
      { sku, quantity: 1 },
      { sku: "NOBODY-KNOWS", quantity: 1 },
    ];
    const facts = await hear(asEvent(orderCreated(orderId, lines)));
    expect(facts).toMatchObject([
      { type: "stock.rejected", data: { orderId, reason: "unknown_sku", skus: ["NOBODY-KNOWS"] } },
    ]);
    expect(await stockOf(sku)).toEqual([10, 0]);
  });
});

describe("hearing of shipments", () => {
  test("a dispatched order is sold once", async () => {
    const sku = await aProductRow(sql);
    const orderId = newId();
    await hear(ordering(sku, 4, orderId));
    expect(await hearWorker(asEvent(shipmentDispatched(orderId)))).toMatchObject([{ type: "stock.sold" }]);
    expect(await hearWorker(asEvent(shipmentDispatched(orderId)))).toEqual([]);
    expect(await stockOf(sku)).toEqual([6, 0]);
    expect(await ledgerOf(sku)).toEqual([6, 0]);
  });

  test("a cancel and a dispatch at once end the reservation once", async () => {
    const sku = await aProductRow(sql);
    const orderId = newId();
    await hear(ordering(sku, 4, orderId));
    const ended = await Promise.all([
      hear(asEvent(orderCancelled(orderId))),
      hearWorker(asEvent(shipmentDispatched(orderId))),
    ]);
    expect(ended.flat()).toHaveLength(1);
    expect((await stockOf(sku))[1]).toBe(0);
    expect(await ledgerOf(sku)).toEqual(await stockOf(sku));
  });
});
