import { afterAll, beforeAll, expect, test } from "bun:test";
import { type Client, createClient, type InputOf } from "@orderflow/client";
import { anAddress } from "@orderflow/tools/testing/an-address";
import { eventually } from "@orderflow/tools/testing/eventually";
import { SQL } from "bun";
import { type System, startSystem } from "./support/start-system.ts";

type Change = InputOf<Client["settings"]["change"]>;

const hourMs = 3_600_000;
const bookingMs = 150;
const atOnce = { carrierDispatchDelayMs: 0, carrierDeliveryDelayMs: 0 };

let system: System;
let customer: Client;
let operator: Client;
let skus: string[];
const databases: SQL[] = [];

beforeAll(async () => {
  const env = {
    CARRIER_LATENCY_MS: String(bookingMs),
    TRACE_SAMPLE_RATIO: "0",
    // Nobody listens there: that a trace is taken shows in what it leaves behind.
    OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:9",
  };
  system = await startSystem(...Object.entries(env).flatMap(([name, value]) => ["--env", `${name}=${value}`]));
  const { demo } = await system.run();
  [customer, operator] = [createClient({ url: system.gateway }), createClient({ url: system.gateway })];
  await Promise.all([customer.session.signIn(demo.customer), operator.session.signIn(demo.operator)]);
  skus = (await customer.inventory.search.query({ limit: 5 })).items.map(({ sku }) => sku);
}, 120_000);
afterAll(async () => {
  for (const database of databases) await database.close();
  await system?.stop();
}, 60_000);

/** Changes what is given and leaves the rest; waits until every instance says that it runs it. */
async function set(service: Change["service"], values: Change["values"]): Promise<void> {
  const { version, values: before } = await operator.settings.get.query({ service });
  const changed = { service, expectedVersion: version, values: { ...before, ...values }, reason: "e2e" };
  const { version: next } = await operator.settings.change.mutate(changed);
  await eventually(async () => {
    const { instances } = await operator.settings.get.query({ service });
    expect(instances.map((instance) => [instance.version, instance.problem])).toEqual([[next, null]]);
  });
}

async function database(name: string): Promise<SQL> {
  const url = new URL((await system.run()).postgres.url);
  url.pathname = `/orderflow_${name}`;
  const sql = new SQL({ url: url.href, max: 1 });
  databases.push(sql);
  return sql;
}

async function activeJobs(): Promise<number> {
  const { services } = await system.run();
  const worker = services.find(({ name }) => name === "worker")?.url;
  const metrics = await (await fetch(`${worker}/metrics`)).text();
  return Number(/^jobs_active\{.*\} (\d+)$/m.exec(metrics)?.[1]);
}

async function place(): Promise<string> {
  const lines = [{ sku: skus[0] ?? "", quantity: 1 }];
  return (await customer.order.place.mutate({ lines, shippingAddress: anAddress })).id;
}

const jobs = async () => (await operator.worker.jobs.query({ limit: 100 })).items;
const statusOf = async (orderId: string) => (await customer.order.byId.query({ orderId })).status;

test("the low-stock threshold counts from the next movement on", async () => {
  const sku = skus[1] ?? "";
  const sql = await database("inventory");
  const told = () => sql`select 1 from event where type = 'stock.low' and key = ${sku}`;
  const { available } = await operator.inventory.bySku.query({ sku });
  await operator.inventory.adjust.mutate({ sku, delta: -1, reason: "damaged" });
  expect(await told()).toHaveLength(0);
  await set("inventory", { lowStockThreshold: available - 2 });
  await operator.inventory.adjust.mutate({ sku, delta: -1, reason: "damaged" });
  expect(await told()).toHaveLength(1);
});

test("a trace that begins after a change of the sampled share is taken", async () => {
  const sql = await database("order");
  const isSampled = async (orderId: string) => {
    const [event] = await sql`select traceparent from event where key = ${orderId} order by position limit 1`;
    return String(event?.traceparent).endsWith("-01");
  };
  expect(await isSampled(await place())).toBe(false);
  await set("gateway", { traceSampleRatio: 1 });
  expect(await isSampled(await place())).toBe(true);
  await set("gateway", { traceSampleRatio: 0 });
  expect(await isSampled(await place())).toBe(false);
});

test("the carrier dispatches and delivers after the delays of that moment", async () => {
  await set("worker", { carrierDispatchDelayMs: hourMs });
  const later = await place();
  await eventually(async () => {
    const { items } = await operator.worker.shipments.query({ orderId: later });
    expect(items.map(({ status }) => status)).toEqual(["booked"]);
  });
  await set("worker", atOnce);
  const now = await place();
  await eventually(async () => expect(await statusOf(now)).toBe("delivered"), { timeoutMs: 10_000 });
  expect(await statusOf(later)).toBe("confirmed");
});

test("a share of 1 makes every call of the carrier fail, and 0 none", async () => {
  await set("worker", { carrierFailureRatio: 1, ...atOnce });
  const orderId = await place();
  const failed = await eventually(async () => {
    const found = (await jobs()).find(({ lastError }) => lastError !== null);
    if (!found) throw new Error("no job has failed yet");
    return found;
  });
  expect(await statusOf(orderId)).toBe("confirmed");
  await set("worker", { carrierFailureRatio: 0, ...atOnce });
  await operator.worker.rerunJob.mutate({ jobId: failed.id });
  await eventually(async () => expect(await statusOf(orderId)).toBe("delivered"), { timeoutMs: 10_000 });
});

test("no more jobs run at once than is said, and more when more is said", async () => {
  const mostAtOnce = async (orders: number) => {
    const placed = await Promise.all(Array.from({ length: orders }, place));
    let most = 0;
    await eventually(
      async () => {
        most = Math.max(most, await activeJobs());
        for (const orderId of placed) expect(await statusOf(orderId)).toBe("delivered");
      },
      { timeoutMs: 20_000, intervalMs: bookingMs / 5 },
    );
    return most;
  };
  await set("worker", { ...atOnce, jobConcurrency: 1 });
  expect(await mostAtOnce(4)).toBe(1);
  await set("worker", { ...atOnce, jobConcurrency: 10 });
  expect(await mostAtOnce(4)).toBeGreaterThan(2);
}, 40_000);
