import postgres from "postgres";
import type { Books } from "./dossier.ts";
import { type AuditedService, auditedServices } from "./parts-sql.ts";

export type DatabaseUrls = Record<AuditedService, string>;
export type Snapshots = { connections: Record<AuditedService, postgres.ReservedSql>; books: Books };

/** A statement that takes longer is given up. An audit that hangs is cut off soon after, or no vacuum would pass it. */
export type SnapshotOptions = { urls: DatabaseUrls; statementTimeoutMs: number };

/**
 * Opens a read-only transaction on each database and lets `work` read: each database as of one moment, the four moments
 * some milliseconds apart. What that tears is looked at again by whoever compares.
 */
export async function withSnapshots<T>(options: SnapshotOptions, work: (taken: Snapshots) => Promise<T>): Promise<T> {
  const pools = mapServices((service) => connect(options.urls[service], options.statementTimeoutMs));
  try {
    const reserved = await Promise.all(auditedServices.map((service) => pools[service].reserve()));
    const connections = mapServices((service) => reserved[auditedServices.indexOf(service)] as postgres.ReservedSql);
    await Promise.all(reserved.map((sql) => sql.unsafe("begin isolation level repeatable read read only")));
    return await work({ connections, books: await readBooks(connections) });
  } finally {
    await Promise.all(Object.values(pools).map((pool) => pool.end({ timeout: 0 })));
  }
}

export function connect(url: string, statementTimeoutMs: number): postgres.Sql {
  return postgres(url, {
    max: 1,
    connect_timeout: 10,
    onnotice: () => {},
    connection: {
      application_name: "orderflow audit",
      statement_timeout: statementTimeoutMs,
      idle_in_transaction_session_timeout: statementTimeoutMs + 30_000,
    },
  });
}

export function mapServices<T>(make: (service: AuditedService) => T): Record<AuditedService, T> {
  return Object.fromEntries(auditedServices.map((service) => [service, make(service)])) as Record<AuditedService, T>;
}

type CursorRow = { stream: string; position: string };
type StreamRow = { stream: string; since: Date | null };

/** The first statement of each transaction, so it fixes the moment; all four at once. */
async function readBooks(connections: Snapshots["connections"]): Promise<Books> {
  const heard = await Promise.all(
    auditedServices.map(async (service) => {
      const rows = await connections[service]<CursorRow[]>`select stream, position from cursor`;
      return [service, Object.fromEntries(rows.map(({ stream, position }) => [stream, Number(position)]))] as const;
    }),
  );
  const kept = await Promise.all(
    auditedServices.filter((service) => service !== "notify").map((service) => readKept(connections[service])),
  );
  const deliveries = await readDeliveriesKept(connections.notify);
  const skipped = await Promise.all(auditedServices.map((service) => readSkipped(connections[service], service)));
  return {
    heard: Object.fromEntries(heard),
    skipped: skipped.flat(),
    keptSince: Object.assign({ deliveries }, ...kept),
  };
}

async function readSkipped(sql: postgres.ReservedSql, consumer: AuditedService): Promise<Books["skipped"]> {
  const rows = await sql<{ stream: string; after: number; to: number }[]>`
    select stream, after_position::float8 as after, to_position::float8 as to from skipped_range`;
  return rows.map((range) => ({ consumer, ...range }));
}

async function readDeliveriesKept(sql: postgres.ReservedSql): Promise<string | undefined> {
  const [row] = await sql<{ since: Date }[]>`
    select kept_since + interval '1 minute' as since from retention where what = 'deliveries'`;
  return row?.since.toISOString();
}

/** As `keptSince` of common/audit: a minute after the oldest event, since clocks differ. */
async function readKept(sql: postgres.ReservedSql): Promise<Books["keptSince"]> {
  const rows = await sql<StreamRow[]>`
    select s.name as stream, oldest.since from stream s cross join lateral (
      select case when position > 1 then time + interval '1 minute' end as since
      from event where stream = s.name order by position limit 1) oldest`;
  return Object.fromEntries(rows.map(({ stream, since }) => [stream, since?.toISOString()]));
}
