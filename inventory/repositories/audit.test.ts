import { afterAll, beforeAll, expect, test } from "bun:test";
import { consumerDamage, logDamage } from "@orderflow/common/audit/testing/damage";
import { type Damage, findingsAfter, findingsNow } from "@orderflow/common/audit/testing/plant-damage";
import { transact } from "@orderflow/common/database/connect-database";
import { newId } from "@orderflow/common/ids";
import { appendEvents } from "@orderflow/common/messaging/append";
import type { Event } from "@orderflow/common/messaging/event";
import { applyOrderEvents, applyWorkerEvents } from "../handlers/consumers.ts";
import { aContext } from "../testing/a-context.ts";
import { aProductRow } from "../testing/a-product-row.ts";
import { asEvent, orderCancelled, orderCreated, shipmentDispatched } from "../testing/an-order-event.ts";
import { inventoryInvariants } from "./audit.ts";

const shop = await aContext();
const { sql } = shop.context;
afterAll(() => shop.drop());

const [held, released, sold, rejected] = [newId(), newId(), newId(), newId()];

async function hear(apply: ReturnType<typeof applyOrderEvents>, event: Event): Promise<void> {
  await transact(sql, async (tx) => appendEvents(tx, await apply(tx, [event])));
}

beforeAll(async () => {
  const orders = applyOrderEvents(shop.context);
  const cup = await aProductRow(sql, { sku: "CUP-1", onHand: 10 });
  const tea = await aProductRow(sql, { sku: "TEA-1", onHand: 10 });
  await aProductRow(sql, { sku: "SOLD-OUT", onHand: 0 });
  const lines = [
    { sku: tea, quantity: 2 },
    { sku: cup, quantity: 1 },
    { sku: tea, quantity: 1 },
  ];
  for (const orderId of [held, released, sold]) await hear(orders, asEvent(orderCreated(orderId, lines)));
  await hear(orders, asEvent(orderCreated(rejected, [{ sku: cup, quantity: 11 }])));
  await hear(orders, asEvent(orderCancelled(released)));
  await hear(applyWorkerEvents(shop.context), asEvent(shipmentDispatched(sold)));
  await sql`insert into idempotency_key (caller_id, key, request_hash, response) values ('c', gen_random_uuid(), 'h', '{}')`;
});

const heldTea = `order_id = '${held}' and sku = 'TEA-1'`;
const withoutBounds = "alter table stock drop constraint stock_reserved";
const damages: Damage[] = [
  { breaks: "stock-bounds", by: [withoutBounds, "update stock set on_hand = reserved - 1 where sku = 'TEA-1'"] },
  { breaks: "stock-bounds", by: [withoutBounds, "update stock set reserved = -1 where sku = 'CUP-1'"] },
  { breaks: "stock-conserved", by: ["update stock set on_hand = on_hand + 1 where sku = 'CUP-1'"] },
  { breaks: "stock-conserved", by: ["delete from stock_movement where kind = 'sold' and sku = 'TEA-1'"] },
  { breaks: "stock-conserved", by: ["delete from stock where sku = 'CUP-1'"] },
  { breaks: "stock-reserved", by: ["update stock set reserved = reserved + 1 where sku = 'CUP-1'"] },
  { breaks: "stock-reserved", by: [`delete from reservation where ${heldTea}`] },
  { breaks: "ledger-sums", by: ["update stock set reserved = reserved - 1 where sku = 'TEA-1'"] },
  {
    breaks: "ledger-sums",
    by: ["update stock_movement set on_hand_delta = 11 where kind = 'received' and sku = 'TEA-1'"],
  },
  { breaks: "ledger-chain", by: ["delete from stock_movement where sku = 'TEA-1' and kind = 'released'"] },
  { breaks: "ledger-chain", by: ["update stock_movement set kind = 'adjusted' where sku = 'TEA-1' and kind = 'sold'"] },
  { breaks: "reservation-ledger", by: [`update reservation set quantity = 4 where ${heldTea}`] },
  { breaks: "reservation-ledger", by: [`update reservation set status = 'sold' where ${heldTea}`] },
  { breaks: "reservation-ledger", by: [`delete from reservation where order_id = '${sold}'`] },
  { breaks: "reservation-events", by: [`delete from event where key = '${sold}' and type = 'stock.sold'`] },
  { breaks: "reservation-events", by: [`update reservation set status = 'released' where ${heldTea}`] },
  { breaks: "reservation-events", by: [`delete from event where key = '${sold}' and type = 'stock.reserved'`] },
  {
    breaks: "orders-answered-once",
    by: [`update event set type = 'stock.reserved' where key = '${released}' and type = 'stock.released'`],
  },
  { breaks: "orders-answered-once", by: [`update reservation set order_id = '${rejected}' where ${heldTea}`] },
  { breaks: "idempotency-keys", by: ["update idempotency_key set response = null"] },
  {
    breaks: "idempotency-keys",
    by: [
      "alter table idempotency_key drop constraint idempotency_key_caller_id_key_pk",
      "insert into idempotency_key select * from idempotency_key",
    ],
  },
];
const all = [...damages, ...logDamage("inventory"), ...consumerDamage];

test("reservations that were held, released, sold and refused have no findings", async () => {
  const [row] =
    await sql`select count(*)::int as reservations, count(distinct status)::int as statuses from reservation`;
  expect({ ...row }).toEqual({ reservations: 6, statuses: 3 });
  expect(await findingsNow(sql, inventoryInvariants)).toEqual({});
});

test.each(all)("names $breaks after: $by", async (damage) => {
  expect(Object.keys(await findingsAfter(sql, inventoryInvariants, damage))).toContain(damage.breaks);
});

test("every invariant has been seen broken", () => {
  expect(new Set(all.map(({ breaks }) => breaks))).toEqual(new Set(inventoryInvariants.map(({ name }) => name)));
});
