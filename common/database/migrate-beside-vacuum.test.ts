import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { type Postgres, startPostgres } from "@orderflow/tools/embedded/postgres";
import { stateFolder } from "@orderflow/tools/embedded/repository-root";
import { eventually } from "@orderflow/tools/testing/eventually";
import { SQL } from "bun";
import { migrateDatabase } from "./migrate-database.ts";
import { migrationsFolder } from "./testing/migrations-folder.ts";

setDefaultTimeout(20_000);

const folder = join(stateFolder, `test/vacuum-${process.pid}`);
let postgres: Postgres;

beforeAll(async () => {
  // One of its own: autovacuum is off where the tests share one.
  postgres = await startPostgres({ folder, maxConnections: 20 });
});
afterAll(async () => {
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
  rmSync(`${folder}.lock`, { force: true });
});

/** A database whose owner may do no more than that, as the services' are. */
async function ownedDatabase(): Promise<string> {
  const admin = new SQL(postgres.url, { max: 1 });
  try {
    await admin`alter system set autovacuum_naptime = '1s'`;
    await admin`select pg_reload_conf()`;
    await admin`create role shop login password 'pw'`;
    await admin`create database shop owner shop`;
  } finally {
    await admin.close();
  }
  return Object.assign(new URL(postgres.url), { username: "shop", password: "pw", pathname: "/shop" }).href;
}

// One page in a tenth of a second: here what takes a large table hours takes minutes.
const slowly = "autovacuum_vacuum_cost_delay = 100, autovacuum_vacuum_cost_limit = 1, autovacuum_vacuum_threshold = 1";

test("an autovacuum that goes on for hours is ended by the migration that waits for it", async () => {
  const url = await ownedDatabase();
  const first = `create table orders (id int primary key, note text) with (${slowly})`;
  await migrateDatabase({ url, folder: await migrationsFolder(first), hasJobs: false });
  const sql = new SQL(url, { max: 1 });
  try {
    await sql`insert into orders select n, repeat('x', 500) from generate_series(1, 50000) n`;
    await sql`delete from orders where id % 3 = 0`;
    await eventually(async () => {
      const held: unknown[] = await sql`
        select from pg_locks where relation = 'orders'::regclass and mode = 'ShareUpdateExclusiveLock'`;
      return held.length > 0;
    });
    const folder = await migrationsFolder(first, "alter table orders alter column note set statistics 0");
    await migrateDatabase({ url, folder, hasJobs: false });
    const [{ target }] = await sql`
      select attstattarget as target from pg_attribute where attrelid = 'orders'::regclass and attname = 'note'`;
    expect(target).toBe(0);
  } finally {
    await sql.close();
  }
});
