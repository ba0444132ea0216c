import { parseArgs } from "node:util";
import type { Apply } from "@orderflow/common/messaging/batch-commit";
import { createConsumer } from "@orderflow/common/messaging/consumer";
import { createLeaderships } from "@orderflow/common/messaging/leadership";
import { createLogger } from "@orderflow/common/observability/logger";
import { createMetrics } from "@orderflow/common/observability/metrics";
import { eventually } from "@orderflow/tools/testing/eventually";
import { shareTestPostgres } from "@orderflow/tools/testing/shared-postgres";
import { createTestDatabase, type TestDatabase } from "@orderflow/tools/testing/test-database";
import { applyOrderEvents } from "../inventory/handlers/consumers.ts";
import { createStockChanges } from "../inventory/repositories/stock-changes.ts";
import { announceOrders } from "../notify/handlers/announce-orders.ts";
import { cancelShipments } from "../worker/handlers/cancel-shipments.ts";
import { readFrom, serveEvents } from "./support/event-source.ts";
import { appendOrderHistory } from "./support/order-history.ts";

const help = `A consumer that was away: how fast it catches up on the stream "order", read from another process over tRPC and
applied by the real services' functions to their real tables. PostgreSQL is the tests' own, on this machine.

bun bench/catch-up.ts [--events 100000] [--service inventory,notify,worker] [--json FILE]`;

const timeoutMs = 300_000;
const skus = Array.from({ length: 200 }, (_, n) => `BENCH-${n}`);
const now = () => new Date();

type Listener = { apply: Apply; prepare?: (database: TestDatabase) => Promise<unknown> };

const listeners: Record<string, Listener> = {
  inventory: {
    apply: applyOrderEvents({ stockChanges: createStockChanges({ lowStockThreshold: () => 5, now }), now }),
    async prepare({ sql }) {
      await sql`insert into stream (name) values ('inventory') on conflict do nothing`;
      const names = sql.array(skus, "TEXT");
      await sql`insert into product (sku, name, unit_price_minor, currency)
        select sku, sku, 1250, 'EUR' from unnest(${names}::text[]) sku`;
      await sql`insert into stock (sku, on_hand) select sku, 100000000 from unnest(${names}::text[]) sku`;
    },
  },
  notify: { apply: announceOrders({ now }) },
  worker: { apply: cancelShipments({ now }) },
};

type Row = {
  service: string;
  events: number;
  eventsPerS: number;
  cpuUsPerEvent: number;
  startMb: number;
  peakMb: number;
};

async function catchUp(service: "inventory" | "notify" | "worker", events: number, url: string): Promise<Row> {
  const listener = listeners[service];
  if (!listener) throw new Error(`no listener ${service}`);
  const database = await createTestDatabase({ service });
  await listener.prepare?.(database);
  const identity = { service, instance: "bench" };
  const logger = createLogger({ ...identity, level: "warn" });
  const consumer = createConsumer({
    stream: "order",
    sql: database.sql,
    leaderships: createLeaderships({ databaseUrl: database.url, instance: identity.instance, logger }),
    broker: {
      isConnected: () => true,
      publish: async () => undefined,
      subscribe: () => () => true,
      onConnect: () => () => true,
      close: async () => undefined,
    },
    publisher: { publish: () => undefined },
    readPage: readFrom(url),
    apply: listener.apply,
    logger,
    metrics: createMetrics({ ...identity, defaults: false }),
  });
  Bun.gc(true);
  const startMb = process.memoryUsage.rss() / 1e6;
  let peakMb = startMb;
  const cpu = process.cpuUsage();
  const startedAt = performance.now();
  consumer.start();
  const isThere = () => {
    peakMb = Math.max(peakMb, process.memoryUsage.rss() / 1e6);
    return consumer.status().position >= events;
  };
  await eventually(isThere, { timeoutMs, intervalMs: 20 });
  const seconds = (performance.now() - startedAt) / 1_000;
  const { user, system } = process.cpuUsage(cpu);
  await consumer.stop();
  await database.drop();
  const eventsPerS = Math.round(events / seconds);
  const cpuUsPerEvent = Math.round((user + system) / events);
  return { service, events, eventsPerS, cpuUsPerEvent, startMb: Math.round(startMb), peakMb: Math.round(peakMb) };
}

async function startSource(databaseUrl: string) {
  const child = Bun.spawn([process.execPath, import.meta.path, "--serve", databaseUrl], { stdout: "pipe" });
  const { value } = await child.stdout.getReader().read();
  return { url: new TextDecoder().decode(value).trim(), kill: () => child.kill("SIGKILL") };
}

async function main(values: { events: string; service: string; json?: string | undefined }): Promise<void> {
  const events = Math.floor(Number(values.events) / 4) * 4;
  const postgres = await shareTestPostgres();
  Bun.env.TEST_DATABASE_URL = postgres.url;
  const order = await createTestDatabase({ service: "order" });
  console.log(`appending ${events} events …`);
  await appendOrderHistory(order.sql, { events, skus });
  const source = await startSource(order.url);
  const rows: Row[] = [];
  for (const service of values.service.split(",")) {
    rows.push(await catchUp(service as "notify", events, source.url));
    console.table(rows.slice(-1));
  }
  source.kill();
  if (values.json) await Bun.write(values.json, JSON.stringify(rows, null, 2));
  await order.drop().catch((error: unknown) => console.warn(String(error)));
  await postgres.leave();
}

const { values } = parseArgs({
  options: {
    events: { type: "string", default: "100000" },
    service: { type: "string", default: "inventory,notify,worker" },
    json: { type: "string" },
    serve: { type: "string" },
    help: { type: "boolean", short: "h" },
  },
});
if (values.help) console.log(help);
else if (values.serve) serveEvents(values.serve);
else await main(values);
