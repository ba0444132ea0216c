import { afterAll, beforeAll, expect, test } from "bun:test";
import { join, resolve } from "node:path";
import { migrateDatabase } from "@orderflow/common/database/migrate-database";
import { SQL } from "bun";
import { auditedServices } from "../audit/parts-sql.ts";
import { serviceNames } from "../service-names.ts";
import { attempt, type ServerOfItsOwn, startServerOfItsOwn } from "../testing/server-of-its-own.ts";
import { ensureServiceDatabases, ownerDatabaseUrl, readerDatabaseUrl } from "./service-databases.ts";
import { shareJobTables } from "./share-job-tables.ts";

type Audited = (typeof auditedServices)[number];

const root = resolve(import.meta.dir, "../..");
const passwords = Object.fromEntries(serviceNames.map((name) => [name, `${name}-password`]));
const ownerPasswords = Object.fromEntries(serviceNames.map((name) => [name, `${name}-owner-password`]));
const readerPasswords = Object.fromEntries(auditedServices.map((name) => [name, `${name}-reader-password`]));
let server: ServerOfItsOwn;

const urlOf = (service: Audited) => readerDatabaseUrl(server.url, service, `${service}-reader-password`);
const ownerUrlOf = (service: Audited) => ownerDatabaseUrl(server.url, service, `${service}-owner-password`);

async function migrate(service: Audited): Promise<void> {
  const hasJobs = service === "notify" || service === "worker";
  await migrateDatabase({ url: ownerUrlOf(service), folder: join(root, service, "repositories/migrations"), hasJobs });
  await shareJobTables(ownerUrlOf(service), service);
}

/** As it is after an update of what was there before there were readers. */
beforeAll(async () => {
  server = await startServerOfItsOwn("readers");
  await ensureServiceDatabases(server.url, { passwords, ownerPasswords });
  for (const service of auditedServices) await migrate(service);
  await ensureServiceDatabases(server.url, { passwords, ownerPasswords, readerPasswords });
  for (const service of auditedServices) await migrate(service);
}, 90_000);
afterAll(() => server.stop());

test.each(auditedServices)("the reader of %s sees every table, and those that come later", async (service) => {
  expect(await attempt(ownerUrlOf(service), "create schema later; create table later.thing (id int)")).toBe("done");
  const sql = new SQL(urlOf(service), { max: 1 });
  try {
    const closed = await sql`
      select schemaname || '.' || tablename as name from pg_tables
      where schemaname not in ('pg_catalog', 'information_schema') and not (
        has_schema_privilege(schemaname, 'usage')
        and has_table_privilege(quote_ident(schemaname) || '.' || quote_ident(tablename), 'select'))`;
    expect([...closed]).toEqual([]);
    expect([...(await sql`select id from later.thing`)]).toEqual([]);
  } finally {
    await sql.close();
  }
});

test.each(["worker", "notify"] as const)(
  "the reader of %s sees the jobs' rows, as its service does",
  async (service) => {
    expect(await attempt(ownerUrlOf(service), "select graphile_worker.add_job('later')")).toBe("done");
    const sql = new SQL(urlOf(service), { max: 1 });
    const rows = await sql`select 1 from graphile_worker._private_jobs`;
    await sql.close();
    expect(rows).toHaveLength(1);
  },
);

/** Each also in a transaction that says it writes: the role's default is no more than a courtesy. */
const forbidden = {
  insert: "insert into cursor (stream) values ('x')",
  update: "update cursor set position = 0",
  delete: "delete from cursor",
  "empty a table": "truncate cursor",
  "lock rows": "select * from cursor for update",
  "change a table": "alter table cursor add column x int",
  "make a table": "create table intruder (id int)",
  "make a temporary table": "create temporary table intruder (id int)",
  "make a schema": "create schema intruder",
  "make a role": "create role intruder",
  "read the server's files": "select pg_read_file('/etc/passwd')",
  "see passwords": "select * from pg_authid",
};

test.each(auditedServices)("the reader of %s is refused all else", async (service) => {
  for (const [what, statement] of Object.entries(forbidden)) {
    const answer = await attempt(urlOf(service), `begin read write; ${statement}`);
    expect(`${what}: ${answer}`).toMatch(/permission denied|must be owner/);
    const unasked = await attempt(urlOf(service), statement);
    expect(`${what}: ${unasked}`).toMatch(/permission denied|must be owner|read-only transaction/);
  }
  for (const role of [service, `${service}_owner`, "postgres"])
    expect(await attempt(urlOf(service), `set role "${role}"`)).toContain("permission denied");
  for (const other of ["postgres", "template1", ...serviceNames.filter((name) => name !== service)]) {
    const name = serviceNames.some((known) => known === other) ? `orderflow_${other}` : other;
    const url = urlOf(service).replace(/[^/]+$/, name);
    expect(`${other}: ${await attempt(url, "select 1")}`).toContain("permission denied for database");
  }
});

test("nobody reads the gateway's database, where the passwords' hashes are", async () => {
  const sql = new SQL(server.url, { max: 1 });
  const roles = await sql`
    select rolname as name from pg_roles
    where has_database_privilege(rolname, 'orderflow_gateway', 'connect') and not rolsuper and rolname !~ '^pg_'`;
  await sql.close();
  expect(roles.map(({ name }: { name: string }) => name).sort()).toEqual(["gateway", "gateway_owner"]);
});

test("what is there is left as it is when it is prepared and migrated again, by many at once", async () => {
  const prepare = () => ensureServiceDatabases(server.url, { passwords, ownerPasswords, readerPasswords });
  expect(await Promise.all([prepare(), prepare()])).toEqual([[], []]);
  await Promise.all([migrate("worker"), migrate("worker")]);
  const sql = new SQL(ownerUrlOf("worker"), { max: 1 });
  const policies = await sql`
    select policyname as name, count(*) = (
      select count(*) from pg_tables where schemaname = 'graphile_worker' and rowsecurity) as all
    from pg_policies where schemaname = 'graphile_worker' group by policyname order by 1`;
  await sql.close();
  expect([...policies]).toEqual([
    { name: "reader", all: true },
    { name: "service", all: true },
  ]);
});
