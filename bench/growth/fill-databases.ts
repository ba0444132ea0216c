import { type AuditedService, auditedServices } from "@orderflow/infra/audit/parts-sql";
import type { DatabaseUrls } from "@orderflow/infra/audit/snapshots";
import { UsageError } from "@orderflow/tools/install/usage-error";
import postgres from "postgres";
import { inventorySql } from "./fill-inventory.ts";
import { notifySql } from "./fill-notify.ts";
import { orderSql } from "./fill-order.ts";
import { workerSql } from "./fill-worker.ts";
import type { Filling } from "./filling.ts";
import { type LogIds, streams } from "./log-sql.ts";
import { planSql } from "./plan-sql.ts";

const rowsOf: Record<AuditedService, (filling: Filling, logIds: LogIds) => string[]> = {
  order: orderSql,
  inventory: inventorySql,
  worker: workerSql,
  notify: notifySql,
};

/** A row in one of them, or a stream or cursor that has moved, and the database is not empty. */
const mustBeEmpty: Record<AuditedService, string[]> = {
  order: ["customer_order", "event", "idempotency_key"],
  inventory: ["reservation", "event", "product where sku like 'GROWTH-%'"],
  worker: ["shipment", "event", "graphile_worker.jobs"],
  notify: ["delivery", "graphile_worker.jobs"],
};

/**
 * Fills the four databases, all at once, each in one session by statements that make a table whole. None of the services
 * may be running. Throws UsageError when one of the databases holds an order already.
 */
export async function fillDatabases(urls: DatabaseUrls, filling: Filling, say: (text: string) => void): Promise<void> {
  const logIds = Object.fromEntries(streams.map((stream) => [stream, crypto.randomUUID()])) as LogIds;
  await Promise.all(auditedServices.map((service) => refuseUnlessEmpty(service, urls[service])));
  await Promise.all(
    auditedServices.map(async (service) => {
      const startedAt = performance.now();
      await fillOne(urls[service], [...planSql(filling), ...rowsOf[service](filling, logIds)]);
      const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
      say(`filled ${service} after ${seconds} s`);
    }),
  );
}

async function refuseUnlessEmpty(service: AuditedService, url: string): Promise<void> {
  const sql = connect(url);
  try {
    for (const table of mustBeEmpty[service]) {
      const rows = await sql.unsafe(`select 1 from ${table} limit 1`);
      if (rows.length > 0)
        throw new UsageError(`The database of ${service} is not empty: it has rows in ${table}. Nothing was written.`);
    }
  } finally {
    await sql.end();
  }
}

async function fillOne(url: string, statements: string[]): Promise<void> {
  const sql = connect(url);
  try {
    for (const statement of statements) await sql.unsafe(statement);
    await sql.unsafe("discard temporary");
    // As a database is that grew for a month: what its planner knows, and which pages it need not look at again.
    await sql.unsafe("vacuum (analyze)");
  } finally {
    await sql.end();
  }
}

function connect(url: string): postgres.Sql {
  return postgres(url, { max: 1, onnotice: () => undefined, connection: { application_name: "orderflow fill" } });
}
