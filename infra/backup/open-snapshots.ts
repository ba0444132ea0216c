import postgres from "postgres";
import type { ServiceName } from "../service-names.ts";
import { UsageError } from "../usage-error.ts";
import { backupOrder, listening } from "./backup-order.ts";

export type Snapshots = { connections: Record<ServiceName, postgres.ReservedSql>; pausedMs: number };

const lockTimeoutMs = 2_000;
const attempts = 10;
const retryDelayMs = 500;

/**
 * Lets `work` read all databases as of one consistent point. While the views are opened, some milliseconds, no cursor can
 * move: so every event that a listener has applied was committed before its producer is looked at. Orders are taken
 * meanwhile. Throws UsageError when listeners cannot be held for a moment within half a minute.
 */
export async function withConsistentSnapshots<T>(
  urls: Record<ServiceName, string>,
  work: (snapshots: Snapshots) => Promise<T>,
): Promise<T> {
  const pools = perService((service) => connect(urls[service], "orderflow backup"));
  try {
    const reserved = await Promise.all(backupOrder.map((service) => pools[service].reserve()));
    const connections = perService((service) => reserved[backupOrder.indexOf(service)] as postgres.ReservedSql);
    const pausedMs = await openWhileHeld(urls, connections);
    return await work({ connections, pausedMs });
  } finally {
    await Promise.all(backupOrder.map((service) => pools[service].end({ timeout: 0 })));
  }
}

async function openWhileHeld(
  urls: Record<ServiceName, string>,
  connections: Snapshots["connections"],
): Promise<number> {
  const holders = listening.map((service) => connect(urls[service], "orderflow backup, holding cursors"));
  try {
    for (let attempt = 1; attempt <= attempts; attempt++) {
      const startedAt = performance.now();
      const held = await Promise.all(holders.map(holdCursors));
      if (held.every(Boolean)) {
        for (const service of backupOrder) await openView(connections[service]);
        await Promise.all(holders.map((sql) => sql.unsafe("commit")));
        return performance.now() - startedAt;
      }
      await Promise.all(holders.map((sql) => sql.unsafe("rollback")));
      await Bun.sleep(retryDelayMs);
    }
    throw new UsageError(`The listeners could not be held for a moment, ${attempts} times: is a transaction hanging?`);
  } finally {
    await Promise.all(holders.map((sql) => sql.end({ timeout: 0 })));
  }
}

/** Who moves a cursor holds this lock's opposite; it is the first lock that a consumer takes, so nobody waits in a circle. */
async function holdCursors(sql: postgres.Sql): Promise<boolean> {
  await sql.unsafe(`begin; set local lock_timeout = ${lockTimeoutMs}`).simple();
  return sql.unsafe("lock table cursor in share mode").then(
    () => true,
    (error: unknown) => {
      if (error instanceof postgres.PostgresError && error.code === "55P03") return false;
      throw error;
    },
  );
}

/** The first statement fixes what the transaction sees. */
async function openView(sql: postgres.ReservedSql): Promise<void> {
  await sql.unsafe("begin isolation level repeatable read read only");
  await sql.unsafe("select 1 from pg_class limit 1");
}

/** A copy may take hours, and a transaction of it idles while the others are read. */
export function connect(url: string, name: string): postgres.Sql {
  return postgres(url, {
    max: 1,
    connect_timeout: 10,
    idle_timeout: 0,
    max_lifetime: null,
    onnotice: () => {},
    connection: {
      application_name: name,
      statement_timeout: 0,
      idle_in_transaction_session_timeout: 0,
      // What is written as text by one server is read by another.
      datestyle: "ISO",
    },
  });
}

function perService<T>(make: (service: ServiceName) => T): Record<ServiceName, T> {
  return Object.fromEntries(backupOrder.map((service) => [service, make(service)])) as Record<ServiceName, T>;
}
