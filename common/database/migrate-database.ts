import { existsSync } from "node:fs";
import { join } from "node:path";
import { drizzle } from "drizzle-orm/postgres-js";
import { migrate } from "drizzle-orm/postgres-js/migrator";
import { runMigrations } from "graphile-worker";
import postgres from "postgres";

type Options = {
  url: string;
  /** Of drizzle-kit, with meta/_journal.json. A folder that holds none yet is an empty set of migrations. */
  folder: string;
  /** Also makes the tables of the job queue. */
  hasJobs: boolean;
};

/** One number for all who migrate a database of ours; PostgreSQL keeps advisory locks per database. */
const migrationLock = 7_304_199_351;

/**
 * Brings a database to the newest schema. Many may call it at once: one migrates, the rest wait and find nothing to do.
 * The role needs to own the database, not to be superuser. Rejects when the database is away or a migration fails.
 */
export async function migrateDatabase({ url, folder, hasJobs }: Options): Promise<void> {
  // The lock lives on a connection of its own: the migrator's transactions come and go on another.
  const lock = connect(url);
  try {
    await lock`select pg_advisory_lock(${migrationLock})`;
    await migrateTables(url, folder);
    if (hasJobs) await runMigrations({ connectionString: url });
  } finally {
    await lock.end({ timeout: 5 });
  }
}

async function migrateTables(url: string, folder: string): Promise<void> {
  if (!existsSync(join(folder, "meta", "_journal.json"))) return;
  const client = connect(url);
  try {
    await migrate(drizzle(client), { migrationsFolder: folder });
  } finally {
    await client.end({ timeout: 5 });
  }
}

function connect(url: string): postgres.Sql {
  return postgres(url, {
    max: 1,
    connect_timeout: 10,
    onnotice: () => {},
    connection: { application_name: "orderflow migrate" },
  });
}
