import { afterAll, beforeAll, expect, test } from "bun:test";
import { pruneBatchRows, pruneRows } from "@orderflow/common/retention/prune-rows";
import { createTestDatabase, type TestDatabase } from "@orderflow/tools/testing/test-database";
import { gatewayPrunings } from "./prunings.ts";

const now = new Date("2026-03-02T12:00:00.000Z");
const secondsFromNow = (seconds: number) => new Date(now.getTime() + seconds * 1_000);
const never = new AbortController().signal;

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase({ service: "gateway" });
  await database.sql`insert into "user" (id, name, email) values ('ann', 'Ann', 'ann@example.com')`;
});
afterAll(() => database.drop());

const prunings = new Map(gatewayPrunings({ now: () => now }).map((pruning) => [pruning.what, pruning]));

function prune(what: string): Promise<number> {
  const pruning = prunings.get(what);
  if (!pruning) throw new Error(`nothing prunes ${what}`);
  return pruneRows(database.sql, pruning, never);
}

test("sessions that have expired are pruned, batch by batch, and no other", async () => {
  const expired = 2 * pruneBatchRows + 1;
  await database.sql`
    insert into session (id, token, user_id, expires_at)
    select n, n, 'ann', ${secondsFromNow(-1)}::timestamptz from generate_series(1, ${expired}::int) n`;
  await database.sql`
    insert into session (id, token, user_id, expires_at)
    values ('now', 'now', 'ann', ${now}), ('later', 'later', 'ann', ${secondsFromNow(1)})`;
  expect(await prune("sessions")).toBe(expired);
  expect([...(await database.sql`select id from session order by id`)]).toEqual([{ id: "later" }, { id: "now" }]);
  expect(await prune("sessions")).toBe(0);
});

test("a session that is prolonged while it is pruned stays", async () => {
  await database.sql`
    insert into session (id, token, user_id, expires_at) values ('prolonged', 'p', 'ann', ${secondsFromNow(-1)})`;
  let pruning: Promise<number> | undefined;
  await database.sql.begin(async (tx) => {
    await tx`update session set expires_at = ${secondsFromNow(60)} where id = 'prolonged'`;
    pruning = prune("sessions");
    for (let waits = 0; waits === 0; ) {
      const [row] = await tx`
        select count(*)::int as waits from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock'`;
      waits = row.waits;
    }
  });
  expect(await pruning).toBe(0);
  expect(await database.sql`select id from session where id = 'prolonged'`).toHaveLength(1);
});

test("verifications that have expired are pruned, and no other", async () => {
  await database.sql`
    insert into verification (id, identifier, value, expires_at)
    values ('old', 'a', 'a', ${secondsFromNow(-1)}), ('new', 'a', 'a', ${secondsFromNow(1)})`;
  expect(await prune("verifications")).toBe(1);
  expect([...(await database.sql`select id from verification`)]).toEqual([{ id: "new" }]);
});

test("counters of a window that is over are pruned, and no other", async () => {
  const ms = now.getTime();
  await database.sql`
    insert into rate_limit (key, points, expire) values ('old', 9, ${ms - 1}), ('new', 9, ${ms + 1}), ('ever', 9, null)`;
  expect(await prune("rate limits")).toBe(1);
  expect([...(await database.sql`select key from rate_limit order by key`)]).toEqual([{ key: "ever" }, { key: "new" }]);
});
