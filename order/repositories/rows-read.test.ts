import { afterAll, beforeAll, expect, test } from "bun:test";
import { connectDatabase } from "@orderflow/common/database/connect-database";
import { eventually } from "@orderflow/tools/testing/eventually";
import { createTestDatabase, type TestDatabase } from "@orderflow/tools/testing/test-database";
import type { SQL, TransactionSQL } from "bun";
import { listOrders, type OrderFilter } from "./list-orders.ts";
import { orderPrunings } from "./prunings.ts";

/** Of a shop that has grown, a question reads what it answers: these count the rows that PostgreSQL fetched for it. */
const orders = 3_000;
/** Those after it are still on their way. */
const newest = 2_700;
/** A filter may pass over some: of the customer with a third of all orders two of three. */
const fewFetched = 100;
let database: TestDatabase;
let sql: SQL;

beforeAll(async () => {
  database = await createTestDatabase({ service: "order" });
  sql = connectDatabase({ url: database.url, max: 1, name: "rows-read" });
  // What is not flushed, vacuum cannot call visible to all.
  await sql`set synchronous_commit = on`;
  await sql`
    insert into customer_order (id, number, customer_id, contact_name, contact_email, status, currency, total_minor,
      shipping_address, placed_at, updated_at, version)
    select lpad(to_hex(n), 32, '0')::uuid, n::text, case when n % 3 = 0 then 'heavy' else 'c-' || n % 300 end, 'Ada',
      'ada@example.com', case when n > ${newest} then 'confirmed' when n % 1000 = 3 then 'rejected' else 'delivered' end, 'EUR', 100, '{}', now() - interval '1 year',
      now() - interval '1 year', 1
    from generate_series(1, ${orders}::int) n`;
  await sql`
    insert into order_line (order_id, position, sku, name, quantity, unit_price_minor)
    select id, 0, 'TEA-1', 'Tea', 1, 100 from customer_order`;
  await vacuumUntilVisible();
});
afterAll(async () => {
  await sql.close();
  await database.drop();
});

/** Index-only scans need pages that are visible to all, and whoever looks at the table meanwhile, as autovacuum does, keeps some from it. */
async function vacuumUntilVisible(): Promise<void> {
  await eventually(async () => {
    await sql`vacuum (analyze)`;
    const [table] = await sql`select relpages, relallvisible from pg_class where relname = 'customer_order'`;
    expect(table.relallvisible).toBe(table.relpages);
  });
}

/** As rows of `customer_order` that an index led to. */
async function fetchedBy(work: (tx: TransactionSQL) => Promise<unknown>): Promise<number> {
  return await sql.begin(async (tx) => {
    const before = await fetchedSoFar(tx);
    await work(tx);
    return (await fetchedSoFar(tx)) - before;
  });
}

async function fetchedSoFar(tx: TransactionSQL): Promise<number> {
  const [row]: { fetched: number }[] = await tx`
    select idx_tup_fetch::int + seq_tup_read::int as fetched from pg_stat_xact_user_tables where relname = 'customer_order'`;
  return row?.fetched ?? 0;
}

const middle = `00000000-0000-0000-0000-${(orders / 2).toString(16).padStart(12, "0")}`;

test.each<[string, Omit<OrderFilter, "limit">, number]>([
  ["all", {}, 21],
  ["all, further on", { beforeId: middle }, 21],
  ["a customer with many", { customerId: "heavy" }, 21],
  ["the same, further on", { customerId: "heavy", beforeId: middle }, 21],
  ["the few of a status that such a customer has", { customerId: "heavy", status: "rejected" }, 1],
  ["a status that the newest do not have", { status: "delivered" }, 21],
  ["the same of a customer", { customerId: "heavy", status: "delivered" }, 21],
  ["the few of a status", { status: "rejected" }, 3],
  ["none of a status", { status: "shipped" }, 0],
])("a page of orders reads little more than it shows: %s", async (_, filter, count) => {
  // Not only the first plans, which are made for these very values, but also the one that is kept.
  for (let times = 0; times < 7; times++) {
    const fetched = await fetchedBy(async (tx) => {
      expect(await listOrders(tx, { ...filter, limit: 21 })).toHaveLength(count);
    });
    expect(fetched).toBeLessThanOrEqual(fewFetched);
  }
});

test("orders whose timelines are gone are not looked at again", async () => {
  await sql`
    insert into timeline_entry (order_id, at, event, event_id, status, version)
    select id, placed_at, 'order.created', gen_random_uuid(), status, 1 from customer_order`;
  await sql`analyze`;
  await sql`
    delete from timeline_entry where order_id not in
      (select id from customer_order where status <> 'confirmed' order by id desc limit 5)`;
  const config = { eventRetentionHours: 1, idempotencyKeyRetentionDays: 30, timelineRetentionDays: 30 };
  const prunings = orderPrunings({ streams: [], config, now: () => new Date() });
  const timelines = prunings.find(({ what }) => what === "timelines");
  const fetched = await fetchedBy(async (tx) => expect(await timelines?.pruneBatch(tx, 1_000)).toBe(5));
  expect(fetched).toBeLessThanOrEqual(fewFetched);
});
