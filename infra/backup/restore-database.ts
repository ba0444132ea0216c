import postgres from "postgres";
import { UsageError } from "../usage-error.ts";
import { copyIn } from "./copy-table.ts";
import { type Connection, nameOf, quoted, readMigrations, readTables } from "./database-parts.ts";
import type { ServiceCopy } from "./manifest.ts";
import { connect } from "./open-snapshots.ts";

type Options = { service: string; url: string; folder: string; copy: ServiceCopy };

const lockTimeoutMs = 3_000;
/** So long a connection that was closed may still be seen: of the look before, and of migrating. */
const leaveTimeoutMs = 2_000;

/** Throws a UsageError when somebody else is connected, or when there is something in the tables that nobody gave up. */
export async function requireFree({ service, url, copy }: Options, isForced: boolean): Promise<void> {
  await withConnection(url, async (sql) => {
    const names = await othersIn(sql);
    if (names) throw inUse(service, names);
    if (isForced) return;
    for (const table of copy.tables) {
      const known = await sql<
        { exists: boolean }[]
      >`select to_regclass(${quoted(table.schema, table.name)}) is not null as exists`;
      if (!known[0]?.exists) continue;
      const rows = await sql.unsafe(`select 1 from ${quoted(table.schema, table.name)} limit 1`);
      if (rows.length > 0)
        throw new UsageError(
          `The database of ${service} is not empty (${nameOf(table)}). --force replaces what is there.`,
        );
    }
  });
}

/** Who else is connected, by name; empty when nobody is. */
async function othersIn(sql: Connection): Promise<string> {
  await sql`select pg_stat_clear_snapshot()`; // Within a transaction it would be the same list each time.
  const others = await sql<{ name: string }[]>`
    select distinct coalesce(nullif(application_name, ''), '?') as name from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid() and usename is not null
      -- Of another role's connection it is not told.
      and coalesce(backend_type, 'client backend') = 'client backend' order by 1 limit 5`;
  return others.map(({ name }) => name).join(", ");
}

function inUse(service: string, names: string): UsageError {
  return new UsageError(`The database of ${service} is in use by ${names}. Stop the services first.`);
}

/**
 * Replaces all that the database holds, in one transaction. The tables must be those that the backup was made of. Throws a
 * UsageError, and changes nothing, when somebody has connected since it was free.
 */
export async function restoreDatabase({ service, url, folder, copy }: Options): Promise<void> {
  await withConnection(url, async (sql) => {
    await requireSameTables(sql, service, copy);
    await sql.begin(async (tx) => {
      await emptyTables(tx, service, copy);
      for (const table of copy.tables) await copyIn(tx, folder, table);
      for (const { schema, name, lastValue } of copy.sequences)
        await tx`select setval(${quoted(schema, name)}::regclass, ${lastValue}::bigint)`;
      // The secret that encrypts these may be another one here. What they signed is believed until it expires.
      if (service === "gateway") await tx`update jwks set expires_at = now()`;
    });
  });
}

/** From here on nobody else reads or writes a row before the restore has ended. */
async function emptyTables(tx: postgres.TransactionSql, service: string, { tables }: ServiceCopy): Promise<void> {
  await tx.unsafe(`set local lock_timeout = ${lockTimeoutMs}`);
  try {
    await tx.unsafe(`truncate ${tables.map(({ schema, name }) => quoted(schema, name)).join(", ")}`);
  } catch (error) {
    if (error instanceof postgres.PostgresError && error.code === "55P03") throw inUse(service, "an open transaction");
    throw error;
  }
  const deadline = Date.now() + leaveTimeoutMs;
  for (let names = await othersIn(tx); names; names = await othersIn(tx)) {
    if (Date.now() > deadline) throw inUse(service, names);
    await Bun.sleep(50);
  }
}

async function requireSameTables(sql: postgres.Sql, service: string, copy: ServiceCopy): Promise<void> {
  const [here, tables] = [await readMigrations(sql), await readTables(sql)];
  const names = (list: { schema: string; name: string }[]) => list.map(nameOf).sort().join(", ");
  if (here.join() === copy.migrations.join() && names(tables) === names(copy.tables)) return;
  throw new UsageError(
    `The backup of ${service} is of ${copy.migrations.length} migrations, this version has ${here.length}, or they are others. Restore it with the version that made it, then migrate.`,
  );
}

async function withConnection(url: string, work: (sql: postgres.Sql) => Promise<void>): Promise<void> {
  const sql = connect(url, "orderflow restore");
  try {
    await work(sql);
  } finally {
    await sql.end({ timeout: 5 });
  }
}
