import { afterAll, beforeAll, expect, test } from "bun:test";
import { consumerDamage, logDamage } from "@orderflow/common/audit/testing/damage";
import { type Damage, findingsAfter, findingsNow } from "@orderflow/common/audit/testing/plant-damage";
import { newId } from "@orderflow/common/ids";
import type { Event } from "@orderflow/common/messaging/event";
import { ensureStreams } from "@orderflow/common/messaging/streams";
import { pruneRows } from "@orderflow/common/retention/prune-rows";
import { createTestDatabase, type TestDatabase } from "@orderflow/tools/testing/test-database";
import { authorizeDispatch } from "../domain/authorize-dispatch.ts";
import { cancelOrder } from "../domain/cancel-order.ts";
import { confirmOrder } from "../domain/confirm-order.ts";
import { deliverOrder } from "../domain/deliver-order.ts";
import type { Decision, Order } from "../domain/order.ts";
import { rejectOrder } from "../domain/reject-order.ts";
import { shipOrder } from "../domain/ship-order.ts";
import { anOrder } from "../testing/an-order.ts";
import { orderInvariants } from "./audit.ts";
import { createOrderRepository, type OrderRepository } from "./order-repository.ts";
import { orderPrunings } from "./prunings.ts";

let database: TestDatabase;
let orders: OrderRepository;
const at = new Date("2026-11-21T12:00:00.000Z");

beforeAll(async () => {
  database = await createTestDatabase({ service: "order" });
  await ensureStreams(database.sql, ["order", "order.commands.worker"]);
  orders = createOrderRepository(database.sql, () => {});
  const confirmed = (order: Order) => confirmOrder(order, at);
  const authorized = (order: Order) => authorizeDispatch(order, at);
  const dispatch = { carrier: "c", trackingNumber: "t", dispatchedAt: at.toISOString() };
  const shipped = (order: Order) => shipOrder(order, dispatch, at);
  const delivered = (order: Order) => deliverOrder(order, { deliveredAt: at.toISOString() }, at);
  const cancelled = (order: Order) => cancelOrder(order, "no", at);
  const rejected = (order: Order) => rejectOrder(order, { reason: "out_of_stock", skus: ["TEA-1"] }, at);
  await place();
  await place(rejected);
  await place(cancelled);
  await place(confirmed, cancelled);
  await place(confirmed, authorized);
  await place(confirmed, authorized, shipped, delivered);
});
afterAll(() => database.drop());

/** Places an order and lets this happen to it, as inventory, worker and the customer would. */
async function place(...decisions: ((order: Order) => Decision<Order>)[]): Promise<void> {
  const { id, customerId, contact, lines, shippingAddress, placedAt } = anOrder();
  const request = { callerId: customerId, key: newId(), hash: "hash" };
  const priced = { id, customerId, contact, lines, shippingAddress, placedAt };
  await orders.placeMany([{ request, priced, trace: {} }]);
  for (const decide of decisions) {
    const cause = { id: newId(), type: "stock.reserved", time: at.toISOString() } as Event;
    const change = (order: Order | undefined) => decide(order as Order);
    await orders.updateMany([{ orderId: id, decide: change, trace: {}, cause }]);
  }
}

const delivered = "(select id from customer_order where status = 'delivered')";
const pending = "(select id from customer_order where status = 'pending')";
const confirmed = "(select id from customer_order where status = 'confirmed')";

const damages: Damage[] = [
  { breaks: "order-status", by: [`update customer_order set status = 'shipped' where id = ${delivered}`] },
  { breaks: "order-status", by: [`update customer_order set version = version + 1 where id = ${pending}`] },
  { breaks: "order-status", by: [`delete from timeline_entry where order_id = ${pending}`] },
  { breaks: "order-status", by: [`delete from customer_order where id = ${pending}`] },
  {
    breaks: "order-transitions",
    by: [`update timeline_entry set status = 'pending' where order_id = ${delivered} and status = 'shipped'`],
  },
  {
    breaks: "order-transitions",
    by: [
      `update timeline_entry set event = 'order.shipped' where order_id = ${delivered} and event = 'order.delivered'`,
    ],
  },
  {
    breaks: "dispatch-authorized",
    by: [`update customer_order set dispatch_authorized_at = null where id = ${delivered}`],
  },
  {
    breaks: "dispatch-authorized",
    by: ["update customer_order set dispatch_authorized_at = now() where status = 'cancelled'"],
  },
  { breaks: "order-events", by: [`delete from event where key = ${delivered}::text and type = 'order.shipped'`] },
  {
    breaks: "order-events",
    by: [`delete from timeline_entry where order_id = ${delivered} and event = 'order.shipped'`],
  },
  { breaks: "order-events", by: [`update event set key = ${delivered}::text where key = ${pending}::text`] },
  {
    breaks: "order-events-once",
    by: [`update event set type = 'order.shipped' where key = ${delivered}::text and type = 'order.delivered'`],
  },
  { breaks: "fulfil-commands", by: [`delete from event where key = ${confirmed}::text and type = 'fulfil-order'`] },
  {
    breaks: "fulfil-commands",
    by: [`update event set key = ${pending}::text where key = ${confirmed}::text and type = 'fulfil-order'`],
  },
  { breaks: "fulfil-lines", by: [`update order_line set quantity = quantity + 1 where order_id = ${confirmed}`] },
  { breaks: "order-lines", by: [`delete from order_line where order_id = ${pending}`] },
  { breaks: "order-lines", by: [`update order_line set position = 7 where order_id = ${pending} and position = 1`] },
  { breaks: "order-lines", by: [`update customer_order set total_minor = total_minor + 1 where id = ${pending}`] },
  {
    breaks: "order-numbers",
    by: [
      `update customer_order set number = (select number from customer_order where id = ${pending}) where id = ${delivered}`,
    ],
  },
  {
    breaks: "idempotency-keys",
    by: [`update idempotency_key set order_id = gen_random_uuid() where order_id = ${pending}`],
  },
  {
    breaks: "idempotency-keys",
    by: [
      "alter table idempotency_key drop constraint idempotency_key_caller_id_key_pk",
      `insert into idempotency_key select caller_id, key, 'other', ${pending} from idempotency_key where order_id = ${delivered}`,
    ],
  },
];
const all = [...damages, ...logDamage("order"), ...consumerDamage];

test("orders that went every way they can have no findings", async () => {
  expect(await findingsNow(database.sql, orderInvariants)).toEqual({});
});

test.each(all)("names $breaks after: $by", async (damage) => {
  expect(Object.keys(await findingsAfter(database.sql, orderInvariants, damage))).toContain(damage.breaks);
});

test("every invariant has been seen broken", () => {
  expect(new Set(all.map(({ breaks }) => breaks))).toEqual(new Set(orderInvariants.map(({ name }) => name)));
});

test("orders older than the oldest event that is kept are not held against the log", async () => {
  const pruned = [
    "update event set time = time + interval '1 year' where position > 3",
    "delete from event where stream = 'order' and position <= 3",
  ];
  expect(await findingsAfter(database.sql, orderInvariants, { breaks: "nothing", by: pruned })).toEqual({});
});

test("what was pruned is missed by nobody: timelines, keys and events, of orders that ended", async () => {
  const { sql } = database;
  const later = () => new Date(Date.now() + 40 * 86_400_000);
  const config = { eventRetentionHours: 0, idempotencyKeyRetentionDays: 30, timelineRetentionDays: 30 };
  await sql`
    insert into stream_reader (stream, reader, position) select name, 'all', head from stream where name like 'order%'`;
  const prunings = orderPrunings({ streams: ["order", "order.commands.worker"], config, now: later });
  const pruned: Record<string, number> = {};
  for (const pruning of prunings) pruned[pruning.what] = await pruneRows(sql, pruning, new AbortController().signal);
  expect(pruned).toMatchObject({ timelines: 4, "idempotency keys": 6, "events of order": expect.any(Number) });
  const [left] = await sql`
    select (select count(*)::int from event) as events, (select count(distinct order_id)::int from timeline_entry) as orders`;
  expect(left).toEqual({ events: 2, orders: 2 });
  expect(await findingsNow(sql, orderInvariants)).toEqual({});
});
