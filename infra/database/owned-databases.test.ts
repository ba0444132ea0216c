import { afterAll, beforeAll, expect, test } from "bun:test";
import { join, resolve } from "node:path";
import { migrateDatabase } from "@orderflow/common/database/migrate-database";
import { addJobs } from "@orderflow/common/jobs/add-jobs";
import { startJobs } from "@orderflow/common/jobs/start-jobs";
import { createLogger } from "@orderflow/common/observability/logger";
import { createMetrics } from "@orderflow/common/observability/metrics";
import { eventually } from "@orderflow/tools/testing/eventually";
import { SQL } from "bun";
import { type ServiceName, serviceNames } from "../service-names.ts";
import { attempt, type ServerOfItsOwn, startServerOfItsOwn } from "../testing/server-of-its-own.ts";
import { ensureServiceDatabases, ownerDatabaseUrl, serviceDatabaseUrl } from "./service-databases.ts";
import { shareJobTables } from "./share-job-tables.ts";

const root = resolve(import.meta.dir, "../..");
const passwords = Object.fromEntries(serviceNames.map((name) => [name, `${name}-password`]));
const ownerPasswords = Object.fromEntries(serviceNames.map((name) => [name, `${name}-owner-password`]));
const hasJobs = (service: ServiceName) => service === "notify" || service === "worker";
let server: ServerOfItsOwn;

const urlOf = (service: ServiceName) => serviceDatabaseUrl(server.url, service, `${service}-password`);
const ownerUrlOf = (service: ServiceName) => ownerDatabaseUrl(server.url, service, `${service}-owner-password`);

async function migrate(service: ServiceName): Promise<void> {
  const folder = join(root, service, "repositories/migrations");
  await migrateDatabase({ url: ownerUrlOf(service), folder, hasJobs: hasJobs(service) });
  await shareJobTables(ownerUrlOf(service), service);
}

beforeAll(async () => {
  server = await startServerOfItsOwn("owned");
  const prepare = () => ensureServiceDatabases(server.url, { passwords, ownerPasswords });
  const made = await Promise.all([prepare(), prepare(), prepare()]);
  expect(made.flat().sort()).toEqual([...serviceNames].sort());
  for (const service of serviceNames) await Promise.all([migrate(service), migrate(service)]);
}, 90_000);
afterAll(() => server.stop());

/** What a service must not do with its own database, and the first words of PostgreSQL's answer. */
const forbidden = {
  "make a table": "create table intruder (id int)",
  "make a schema": "create schema intruder",
  "make a temporary table": "create temporary table intruder (id int)",
  "change a table": `alter table drizzle.__drizzle_migrations add column x int`,
  "drop a table": "drop table drizzle.__drizzle_migrations",
  "empty a table at once": "truncate drizzle.__drizzle_migrations",
  "make a function": "create function public.intrude() returns int language sql as 'select 1'",
  "make a role": "create role intruder",
  "make a database": "create database intruder",
  "become the owner": "set role postgres",
  "read the server's files": "select pg_read_file('/etc/passwd')",
  "run a program": "copy (select 1) to program 'true'",
  "see passwords": "select * from pg_authid",
  "change the server": "alter system set fsync = off",
};

test.each(serviceNames)("%s may read and write its tables and nothing more", async (service) => {
  for (const [what, statement] of Object.entries(forbidden)) {
    expect(`${what}: ${await attempt(urlOf(service), statement)}`).toMatch(/permission denied|must be owner/);
  }
  expect(await attempt(urlOf(service), `set role ${service}_owner`)).toContain("permission denied");
  const sql = new SQL(urlOf(service), { max: 1 });
  try {
    const closed = await sql`
      select schemaname || '.' || tablename as name from pg_tables
      where schemaname not in ('pg_catalog', 'information_schema')
        and not has_table_privilege(quote_ident(schemaname) || '.' || quote_ident(tablename), 'select, insert, update, delete')`;
    expect([...closed]).toEqual([]);
    const [limits] = await sql`
      select current_setting('statement_timeout') as statement,
        current_setting('idle_in_transaction_session_timeout') as idle`;
    expect(limits).toEqual({ statement: "8s", idle: "2s" });
  } finally {
    await sql.close();
  }
});

test.each(serviceNames)("neither %s nor its owner can enter another's database", async (service) => {
  const others = ["postgres", "template1", ...serviceNames.filter((name) => name !== service)];
  for (const own of [urlOf(service), ownerUrlOf(service)]) {
    for (const other of others) {
      const url = own.replace(/[^/]+$/, serviceNames.some((name) => name === other) ? `orderflow_${other}` : other);
      expect(`${other}: ${await attempt(url, "select 1")}`).toContain("permission denied for database");
    }
  }
  expect(await attempt(ownerUrlOf(service), "create role intruder")).toContain("permission denied");
});

test("a further login that belongs to a service's role uses its tables, jobs included, and none else", async () => {
  expect(
    await attempt(server.url, `create role worker_next login password 'next' connection limit 100 in role worker`),
  ).toBe("done");
  const url = new URL(urlOf("worker"));
  Object.assign(url, { username: "worker_next", password: "next" });
  const sql = new SQL(url.href, { max: 1 });
  try {
    await addJobs(sql, [{ task: "later", payload: {}, key: "next" }]);
    const [seen] = await sql`select count(*)::int as jobs from graphile_worker.jobs where key = 'next'`;
    expect(seen).toEqual({ jobs: 1 });
    await sql`select graphile_worker.remove_job('next')`;
    await sql`select * from shipment for update`;
  } finally {
    await sql.close();
  }
  expect(await attempt(url.href, "create table intruder (id int)")).toContain("permission denied");
  url.pathname = "/orderflow_order";
  expect(await attempt(url.href, "select 1")).toContain("permission denied for database");
});

test("jobs run with the service's own role", async () => {
  const ran: unknown[] = [];
  const sql = new SQL(urlOf("worker"), { max: 1 });
  const jobs = await startJobs({
    databaseUrl: urlOf("worker"),
    tasks: { greet: async (payload) => void ran.push(payload) },
    concurrency: 2,
    crontab: "0 4 * * * greet",
    logger: createLogger({ service: "test", instance: "roles", level: "silent" }),
    metrics: createMetrics({ service: "test", instance: "roles", defaults: false }),
  });
  try {
    await addJobs(sql, [{ task: "greet", payload: { name: "Ada" } }]);
    await eventually(() => ran.length === 1, { timeoutMs: 10_000 });
    await eventually(async () => (await sql`select 1 from graphile_worker._private_jobs`).length === 0);
  } finally {
    await jobs.stop();
    await sql.close();
  }
});
