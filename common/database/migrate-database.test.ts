import { afterEach, beforeEach, expect, test } from "bun:test";
import { eventually } from "@orderflow/tools/testing/eventually";
import { createTestDatabase, type TestDatabase } from "@orderflow/tools/testing/test-database";
import { migrateDatabase } from "./migrate-database.ts";
import { migrationsFolder } from "./testing/migrations-folder.ts";

let database: TestDatabase;
beforeEach(async () => {
  database = await createTestDatabase({ service: "none" });
});
afterEach(() => database.drop());

const tables = async () => {
  const rows: { name: string }[] = await database.sql`
    select table_schema || '.' || table_name as name from information_schema.tables
    where table_schema in ('public', 'graphile_worker') order by 1`;
  return rows.map((row) => row.name);
};

test("four at once migrate an empty database once", async () => {
  const folder = await migrationsFolder("create table orders (id int primary key)", "insert into orders values (1)");
  const migrate = () => migrateDatabase({ url: database.url, folder, hasJobs: true });
  await Promise.all([migrate(), migrate(), migrate(), migrate()]);
  expect(await tables()).toContain("public.orders");
  expect(await tables()).toContain("graphile_worker._private_jobs");
  expect(await database.sql`select id from orders`).toHaveLength(1);
});

test("a migrated database is left as it is, and gets what is new", async () => {
  const first = "create table orders (id int primary key)";
  await migrateDatabase({ url: database.url, folder: await migrationsFolder(first), hasJobs: false });
  await migrateDatabase({ url: database.url, folder: await migrationsFolder(first), hasJobs: false });
  await migrateDatabase({
    url: database.url,
    folder: await migrationsFolder(first, "create table lines (id int primary key)"),
    hasJobs: false,
  });
  expect(await tables()).toEqual(["public.lines", "public.orders"]);
});

test("a role that owns its database needs no other right", async () => {
  const role = `role_${Bun.randomUUIDv7().replaceAll("-", "")}`;
  const name = new URL(database.url).pathname.slice(1);
  await database.sql.unsafe(`create role "${role}" login password 'pw'`);
  await database.sql.unsafe(`alter database "${name}" owner to "${role}"`);
  await database.sql.unsafe(`alter schema public owner to pg_database_owner`);
  const url = new URL(database.url);
  url.username = role;
  url.password = "pw";
  try {
    await migrateDatabase({
      url: url.href,
      folder: await migrationsFolder("create table orders (id int primary key)"),
      hasJobs: true,
    });
    expect(await tables()).toContain("public.orders");
  } finally {
    await database.sql.unsafe(`alter database "${name}" owner to current_user`);
    await database.sql.unsafe(`reassign owned by "${role}" to current_user`);
    await database.sql.unsafe(`drop owned by "${role}"`);
    await database.sql.unsafe(`drop role "${role}"`);
  }
});

test("a migration that fails is told and leaves nothing of itself", async () => {
  const folder = await migrationsFolder(
    "create table orders (id int primary key)",
    "create table broken (id nonsense)",
  );
  await expect(migrateDatabase({ url: database.url, folder, hasJobs: false })).rejects.toThrow();
  expect(await tables()).toEqual([]);
  const mended = await migrationsFolder("create table orders (id int primary key)");
  await migrateDatabase({ url: database.url, folder: mended, hasJobs: false });
  expect(await tables()).toEqual(["public.orders"]);
});

test("a migration that waits for a table lets others use it, and is done when the table is free", async () => {
  const first = "create table orders (id int primary key)";
  await migrateDatabase({ url: database.url, folder: await migrationsFolder(first), hasJobs: false });
  const folder = await migrationsFolder(first, "alter table orders add column note text");
  const released = Promise.withResolvers<void>();
  const reading = database.sql.begin(async (tx) => {
    await tx`select id from orders`;
    await released.promise;
  });
  let isDone = false;
  const migrating = migrateDatabase({ url: database.url, folder, hasJobs: false, lockTimeoutMs: 50 }).then(() => {
    isDone = true;
  });
  await eventually(async () => {
    const [{ waits }] = await database.sql`
      select count(*)::int as waits from pg_locks where not granted and relation = 'orders'::regclass`;
    return waits > 0;
  });
  await database.sql`insert into orders values (1)`;
  expect(isDone).toBe(false);
  released.resolve();
  await Promise.all([reading, migrating]);
  expect(await database.sql`select id, note from orders`).toHaveLength(1);
});

test("a migrated database waits for nobody who writes to its queue, and makes nobody wait", async () => {
  const folder = await migrationsFolder();
  await migrateDatabase({ url: database.url, folder, hasJobs: true });
  await database.sql.begin(async (tx) => {
    await tx`select graphile_worker.add_job('mail')`;
    await migrateDatabase({ url: database.url, folder, hasJobs: true });
  });
  const { sql } = database;
  expect(await sql`select from pg_indexes where indexname = 'orderflow_held_jobs'`).toHaveLength(1);
});

test("the plan by which jobs are added is kept, also by a new version of the library's function", async () => {
  const [folder, { sql }] = [await migrationsFolder(), database];
  const look = async () => {
    const [{ proconfig, xmin }] = await sql`
      select array_to_json(proconfig) as proconfig, xmin::text from pg_proc
      where pronamespace = 'graphile_worker'::regnamespace and proname = 'add_jobs'`;
    return { settings: proconfig, version: xmin };
  };
  await migrateDatabase({ url: database.url, folder, hasJobs: true });
  const once = await look();
  expect(once.settings).toEqual(["plan_cache_mode=force_generic_plan"]);
  await migrateDatabase({ url: database.url, folder, hasJobs: true });
  expect(await look()).toEqual(once);

  await sql`alter function graphile_worker.add_jobs(graphile_worker.job_spec[], boolean) reset all`;
  expect((await look()).settings).toBeNull();
  await migrateDatabase({ url: database.url, folder, hasJobs: true });
  expect((await look()).settings).toEqual(once.settings);
});

type Timeouts = { readerDeadlockMs: number; migrationDeadlockMs: number; lockTimeoutMs?: number };

/** Somebody reads one table, and then the other, which a migration of both has by then. */
async function readAgainstMigration(timeouts: Timeouts): Promise<void> {
  const { readerDeadlockMs, migrationDeadlockMs, ...waiting } = timeouts;
  const name = new URL(database.url).pathname.slice(1);
  await database.sql.unsafe(`alter database "${name}" set deadlock_timeout = ${migrationDeadlockMs}`);
  const first = "create table orders (id int primary key); create table lines (id int primary key)";
  await migrateDatabase({ url: database.url, folder: await migrationsFolder(first), hasJobs: false });
  const both = "alter table orders add column note text; alter table lines add column note text";
  const folder = await migrationsFolder(first, both);
  let migrating: Promise<void> | undefined;
  await database.sql.begin(async (tx) => {
    await tx.unsafe(`set local deadlock_timeout = ${readerDeadlockMs}`);
    await tx`select id from lines`;
    migrating = migrateDatabase({ url: database.url, folder, hasJobs: false, ...waiting });
    await eventually(async () => {
      const [{ waits }] = await database.sql`
        select count(*)::int as waits from pg_locks where not granted and relation = 'lines'::regclass`;
      return waits > 0;
    });
    await tx`select id from orders`;
  });
  await migrating;
  expect(await database.sql`select note from lines`).toHaveLength(0);
}

test("a migration lets go before one that waits for it, and is waited for, is sent back", async () => {
  await readAgainstMigration({ readerDeadlockMs: 1_000, migrationDeadlockMs: 60_000 });
});

test("a migration that is sent back for a deadlock begins again", async () => {
  await readAgainstMigration({ readerDeadlockMs: 60_000, migrationDeadlockMs: 100, lockTimeoutMs: 60_000 });
});
