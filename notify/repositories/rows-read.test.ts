import { afterAll, beforeAll, expect, test } from "bun:test";
import { connectDatabase } from "@orderflow/common/database/connect-database";
import { createTestDatabase, type TestDatabase } from "@orderflow/tools/testing/test-database";
import type { SQL } from "bun";
import type { DeliveryStatus } from "../domain/delivery.ts";
import { listDeliveries } from "./list-deliveries.ts";

/** Of a shop that has grown nearly all is sent, and a page reads little more than it shows: these count the rows fetched for it. */
const deliveries = 5_000;
const fewFetched = 60;
let database: TestDatabase;
let sql: SQL;

beforeAll(async () => {
  database = await createTestDatabase({ service: "notify" });
  sql = connectDatabase({ url: database.url, max: 1, name: "rows-read" });
  await sql`set synchronous_commit = on`;
  await sql`
    insert into delivery (id, event_id, kind, channel, order_id, recipient_name, recipient_email, data, status, attempts,
      trace, created_at, sent_at, updated_at)
    select lpad(to_hex(n), 32, '0')::uuid, gen_random_uuid(), 'order.created', 'email', gen_random_uuid(), 'Ada',
      'ada@example.com', '{}', case when n <= 5 then 'failed' when n % 500 = 0 then 'pending' else 'sent' end, 1,
      '{}', now(), null, now()
    from generate_series(1, ${deliveries}::int) n`;
  await sql`vacuum (analyze)`;
});
afterAll(async () => {
  await sql.close();
  await database.drop();
});

const middle = `00000000-0000-0000-0000-${(deliveries / 2).toString(16).padStart(12, "0")}`;

type Question = { status?: DeliveryStatus; orderId?: string; cursor?: string };

test.each<[string, Question, number]>([
  ["all", {}, 20],
  ["all, further on", { cursor: middle }, 20],
  ["sent", { status: "sent" }, 20],
  ["sent, further on", { status: "sent", cursor: middle }, 20],
  ["the few that failed", { status: "failed" }, 5],
  ["the same, further on", { status: "failed", cursor: middle }, 5],
  ["those that wait", { status: "pending" }, 10],
  ["those that wait, further on", { status: "pending", cursor: middle }, 4],
  ["of an order that has none", { orderId: middle }, 0],
])("a page of deliveries reads little more than it shows: %s", async (_, question, count) => {
  // Not only the first plans, which are made for these very values, but also the one that is kept.
  for (const mode of ["force_custom_plan", "force_generic_plan"]) {
    await sql`select set_config('plan_cache_mode', ${mode}, false)`;
    const before = await fetchedSoFar();
    const { items } = await listDeliveries(sql, { ...question, limit: 20 });
    expect(items).toHaveLength(count);
    expect((await fetchedSoFar()) - before).toBeLessThanOrEqual(fewFetched);
  }
});

/** As rows of `delivery`, read one by one or led to by an index. */
async function fetchedSoFar(): Promise<number> {
  await sql`select pg_stat_force_next_flush()`;
  const [row]: { fetched: number }[] = await sql`
    select idx_tup_fetch::int + seq_tup_read::int as fetched from pg_stat_user_tables where relname = 'delivery'`;
  return row?.fetched ?? 0;
}
