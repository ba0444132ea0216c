import { afterAll, beforeAll, expect, test } from "bun:test";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { SQL } from "bun";
import { type Postgres, startPostgres } from "../embedded/postgres.ts";
import { preparePostgresCluster } from "../embedded/postgres-cluster.ts";
import { stateFolder } from "../embedded/repository-root.ts";
import { serviceNames } from "../embedded/service-names.ts";
import { ensureServiceDatabases, serviceDatabaseUrl } from "./service-databases.ts";

// A server of its own: roles belong to the whole server, and the one of all tests must stay as it is.
const folder = join(stateFolder, `test/databases-${process.pid}`);
const passwords = Object.fromEntries(serviceNames.map((name) => [name, `${name}-password`]));
let postgres: Postgres;

beforeAll(async () => {
  postgres = await startPostgres({ folder, isDurable: false });
}, 30_000);
afterAll(async () => {
  await postgres.stop();
  for (const path of [(await preparePostgresCluster(folder)).folder, `${folder}.lock`])
    rmSync(path, { recursive: true, force: true });
});

async function attempt(url: string, statement: string): Promise<string> {
  const sql = new SQL(url, { max: 1 });
  try {
    await sql.unsafe(statement);
    return "done";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    await sql.close();
  }
}

const orderUrl = () => serviceDatabaseUrl(postgres.url, "order", "order-password");

test("every service gets a database of its own, once", async () => {
  expect(await ensureServiceDatabases(postgres.url, passwords)).toEqual([...serviceNames]);
  expect(await ensureServiceDatabases(postgres.url, passwords)).toEqual([]);
  expect(await attempt(orderUrl(), "create schema jobs; create table jobs.job (id int)")).toBe("done");
});

test("a service cannot enter another's database, nor make roles or databases", async () => {
  const inInventory = orderUrl().replace("/orderflow_order", "/orderflow_inventory");
  expect(await attempt(inInventory, "select 1")).toContain("permission denied for database");
  expect(await attempt(orderUrl().replace("/orderflow_order", "/postgres"), "select 1")).toContain("permission denied");
  expect(await attempt(orderUrl(), "create role intruder")).toContain("permission denied");
  expect(await attempt(orderUrl(), "create database intruder")).toContain("permission denied");
});

test("a wrong password is refused, and a changed one is brought up to date", async () => {
  const changed = serviceDatabaseUrl(postgres.url, "order", "changed");
  expect(await attempt(changed, "select 1")).toContain("password authentication failed");
  await ensureServiceDatabases(postgres.url, { ...passwords, order: "changed" });
  expect(await attempt(changed, "select 1")).toBe("done");
});
