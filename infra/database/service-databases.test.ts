import { afterAll, beforeAll, expect, test } from "bun:test";
import { serviceNames } from "../service-names.ts";
import { attempt, type ServerOfItsOwn, startServerOfItsOwn } from "../testing/server-of-its-own.ts";
import { ensureServiceDatabases, serviceDatabaseUrl } from "./service-databases.ts";

const passwords = Object.fromEntries(serviceNames.map((name) => [name, `${name}-password`]));
let server: ServerOfItsOwn;

beforeAll(async () => {
  server = await startServerOfItsOwn("databases");
}, 30_000);
afterAll(() => server.stop());

const orderUrl = () => serviceDatabaseUrl(server.url, "order", "order-password");

test("every service gets a database of its own, once", async () => {
  expect(await ensureServiceDatabases(server.url, { passwords })).toEqual([...serviceNames]);
  expect(await ensureServiceDatabases(server.url, { passwords })).toEqual([]);
  expect(await attempt(orderUrl(), "create schema jobs; create table jobs.job (id int)")).toBe("done");
}, 30_000);

test("a service cannot enter another's database, nor make roles or databases", async () => {
  const inInventory = orderUrl().replace("/orderflow_order", "/orderflow_inventory");
  expect(await attempt(inInventory, "select 1")).toContain("permission denied for database");
  expect(await attempt(orderUrl().replace("/orderflow_order", "/postgres"), "select 1")).toContain("permission denied");
  expect(await attempt(orderUrl(), "create role intruder")).toContain("permission denied");
  expect(await attempt(orderUrl(), "create database intruder")).toContain("permission denied");
});

test("a wrong password is refused, and a changed one is brought up to date", async () => {
  const changed = serviceDatabaseUrl(server.url, "order", "changed");
  expect(await attempt(changed, "select 1")).toContain("password authentication failed");
  await ensureServiceDatabases(server.url, { passwords: { ...passwords, order: "changed" } });
  expect(await attempt(changed, "select 1")).toBe("done");
}, 30_000);
