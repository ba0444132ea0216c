import { afterAll, beforeAll, expect, test } from "bun:test";
import { auditSystem } from "@orderflow/infra/audit/audit-system";
import { type AuditedService, auditedServices } from "@orderflow/infra/audit/parts-sql";
import { type DatabaseUrls, mapServices } from "@orderflow/infra/audit/snapshots";
import { createTestDatabase, type TestDatabase } from "@orderflow/tools/testing/test-database";
import { fillDatabases } from "./fill-databases.ts";

const sizes = { orders: 500, skus: 100, days: 20, logDays: 10 };
let databases: Record<AuditedService, TestDatabase>;
let urls: DatabaseUrls;

beforeAll(async () => {
  const made = await Promise.all(auditedServices.map((service) => createTestDatabase({ service })));
  databases = mapServices((service) => made[auditedServices.indexOf(service)] as TestDatabase);
  urls = mapServices((service) => databases[service].url);
  await fillDatabases(urls, { ...sizes, until: new Date(), customerId: "heavy" }, () => undefined);
});
afterAll(() => Promise.all(auditedServices.map((service) => databases[service].drop())));

test("a filled shop is one that an audit finds nothing wrong with", async () => {
  const { findings } = await auditSystem({ urls, isSettled: false, maxExamples: 3, timeoutMs: 20_000 });
  const wrong = findings.filter(({ violations, failure }) => violations > 0 || failure !== null);
  expect(wrong).toEqual([]);
});

test("it has as many orders as asked for, half of the events in the logs, and a customer with every twentieth", async () => {
  const { order, inventory, worker, notify } = databases;
  const [counts] = await order.sql`
    select count(*)::int as orders, count(*) filter (where customer_id = 'heavy')::int as heavy from customer_order`;
  expect(counts).toEqual({ orders: 500, heavy: 25 });
  const [log] = await order.sql`
    select count(distinct key)::int as orders, min(position) > 1 as "isPruned" from event where stream = 'order'`;
  expect(log).toEqual({ orders: 250, isPruned: true });
  const [products] = await inventory.sql`select count(*)::int as count from product where sku like 'GROWTH-%'`;
  expect(products).toEqual({ count: 100 });
  const [waiting] = await worker.sql`select count(*)::int as count from graphile_worker.jobs`;
  expect(waiting).toEqual({ count: 5 });
  const [unsent] = await notify.sql`select count(*)::int as count from delivery where status <> 'sent'`;
  expect(unsent).toEqual({ count: 0 });
});

test("a database that holds orders is left alone", async () => {
  const filling = { ...sizes, until: new Date(), customerId: "heavy" };
  await expect(fillDatabases(urls, filling, () => undefined)).rejects.toThrow("is not empty");
});
