import { afterAll, beforeAll, expect, test } from "bun:test";
import { createTestDatabase, type TestDatabase } from "@orderflow/tools/testing/test-database";
import type { SQL } from "bun";
import { assertDurable, connectDatabase, transact } from "./connect-database.ts";
import { pingDatabase } from "./ping-database.ts";
import { isFault, sqlState } from "./sql-error.ts";

let database: TestDatabase;
let pool: SQL;

beforeAll(async () => {
  database = await createTestDatabase({ service: "none" });
  pool = connectDatabase({ url: database.url, max: 4, name: "order api" });
  await database.sql`create table counter (id int primary key, count int not null)`;
  await database.sql`insert into counter values (1, 0)`;
});
afterAll(async () => {
  await pool.close();
  await database.drop();
});

test("every connection has its name and its time limits", async () => {
  const [row] = await pool`
    select current_setting('application_name') as name, current_setting('statement_timeout') as statement,
      current_setting('idle_in_transaction_session_timeout') as idle, current_setting('transaction_isolation') as isolation`;
  expect(row).toEqual({ name: "order api", statement: "8s", idle: "2s", isolation: "read committed" });
});

test("a transaction answers what its work answers, and is rolled back when that throws", async () => {
  const count = await transact(
    pool,
    async (tx) => (await tx`update counter set count = count + 1 returning count`)[0].count as number,
  );
  const failing = transact(pool, async (tx) => {
    await tx`update counter set count = 99`;
    throw new Error("changed my mind");
  });
  await expect(failing).rejects.toThrow("changed my mind");
  const [row] = await pool`select count from counter`;
  expect(row.count).toBe(count);
});

test("a transaction past its deadline takes the process down, once", async () => {
  const codes: number[] = [];
  const left = Promise.withResolvers<void>();
  const exit = (code: number) => {
    codes.push(code);
    left.resolve();
  };
  await transact(pool, () => left.promise.then(() => Bun.sleep(20)), { ms: 5, exit });
  expect(codes).toEqual([70]);
});

test("a look at a database that stays silent takes the process down; one that is refused is thrown", async () => {
  const codes: number[] = [];
  await database.sql
    .begin(async (tx) => {
      await tx`lock table counter`;
      const busy = connectDatabase({ url: database.url, max: 1, name: "busy" });
      const waiting = busy`select count(*) from counter`.execute();
      const left = Promise.withResolvers<void>();
      const exit = (code: number) => {
        codes.push(code);
        left.resolve();
      };
      const looking = pingDatabase(busy, { ms: 20, exit });
      await left.promise;
      await tx`rollback`;
      await Promise.all([waiting, looking]);
      await busy.close();
    })
    .catch(() => undefined);
  expect(codes).toEqual([70]);

  const nobody = connectDatabase({ url: "postgres://nobody:none@127.0.0.1:1/none", max: 1, name: "nobody" });
  await expect(pingDatabase(nobody, { exit: (code) => void codes.push(code) })).rejects.toThrow();
  expect(codes).toEqual([70]);
});

test("a transaction that idles for 2 s is ended by PostgreSQL, not held open", async () => {
  const idle = transact(pool, async (tx) => {
    await tx`select 1`;
    await Bun.sleep(2_300);
    await tx`select 1`;
  });
  const error: unknown = await idle.catch((caught: unknown) => caught);
  expect(isFault(error)).toBe(true);
});

test("the pool outlives its connections: queries under way are rejected, later ones work", async () => {
  const errors: unknown[] = [];
  let done = 0;
  let isOver = false;
  const client = async () => {
    while (!isOver) {
      try {
        await transact(pool, (tx) => tx`select pg_sleep(0.002)`);
        done++;
      } catch (error) {
        errors.push(error);
        await Bun.sleep(2);
      }
    }
  };
  const clients = Array.from({ length: 8 }, client);
  for (let round = 0; round < 20; round++) {
    await Bun.sleep(15);
    await database.sql`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = 'order api'`;
  }
  isOver = true;
  await Promise.all(clients);
  expect(errors.length).toBeGreaterThan(0);
  expect(errors.filter((error) => !isFault(error))).toEqual([]);
  expect(done).toBeGreaterThan(0);
  expect((await pool`select 1 as one`)[0].one).toBe(1);
});

test("a database that is away rejects as a fault, with no state", async () => {
  const away = connectDatabase({ url: "postgres://nobody@127.0.0.1:1/none", max: 1, name: "x" });
  const error: unknown = await away`select 1`.catch((caught: unknown) => caught);
  expect(isFault(error)).toBe(true);
  expect(sqlState(error)).toBeUndefined();
  await away.close();
});

test("a database that may forget is refused unless that is allowed", async () => {
  const [row] =
    await pool`select count(*)::int as unsafe from pg_settings where name in ('fsync', 'full_page_writes', 'synchronous_commit') and setting = 'off'`;
  await assertDurable(pool, { allowUnsafe: true });
  if (row.unsafe > 0) await expect(assertDurable(pool)).rejects.toThrow("ALLOW_UNSAFE_DATABASE=true");
  else await assertDurable(pool);
});
