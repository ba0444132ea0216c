import { existsSync } from "node:fs";
import { join } from "node:path";
import { drizzle } from "drizzle-orm/postgres-js";
import { migrate } from "drizzle-orm/postgres-js/migrator";
import { runMigrations } from "graphile-worker";
import postgres from "postgres";
import { sqlState } from "./sql-error.ts";

type Options = {
  url: string;
  /** Of drizzle-kit, with meta/_journal.json. A folder that holds none yet is an empty set of migrations. */
  folder: string;
  /** Also makes the tables of the job queue. */
  hasJobs: boolean;
  /** How long a statement waits for a table that others use, before the migration lets go of all and begins again; 500 ms. */
  lockTimeoutMs?: number;
};

/** One number for all who migrate a database of ours; PostgreSQL keeps advisory locks per database. */
const migrationLock = 7_304_199_351;

/**
 * Whoever waits for a table's lock makes all later statements on it wait too, those of the running release among them.
 * Below PostgreSQL's deadlock_timeout (1 s): who waits for the migration that waits for him is not sent back for it.
 */
const defaultLockTimeoutMs = 500;
const maxTries = 60;
const pauseMs = 500;

/** PostgreSQL ends an autovacuum for who has waited for its table through deadlock_timeout; this much more is waited then. */
const pastDeadlockMs = 500;

/** Somebody uses a table: lock_not_available, and deadlock_detected, where somebody waits for a table of ours besides. */
const inUse = new Set(["55P03", "40P01"]);

/**
 * Brings a database to the newest schema. Many may call it at once: one migrates, the rest wait and find nothing to do.
 * The role needs to own the database, not to be superuser. Rejects when the database is away, a migration fails, or a
 * table stays in use through 60 tries.
 */
export async function migrateDatabase({ url, folder, hasJobs, lockTimeoutMs }: Options): Promise<void> {
  // The lock lives on a connection of its own: the migrator's transactions come and go on another.
  const lock = connect(url);
  try {
    await lock`select pg_advisory_lock(${migrationLock})`;
    if (existsSync(join(folder, "meta", "_journal.json"))) await migrateTables(url, folder, lockTimeoutMs);
    if (hasJobs) {
      await runMigrations({ connectionString: url });
      await indexHeldJobs(lock);
      await keepPlanOfAddingJobs(lock);
    }
  } finally {
    await lock.end({ timeout: 5 });
  }
}

async function migrateTables(url: string, folder: string, lockTimeoutMs = defaultLockTimeoutMs): Promise<void> {
  const client = connect(url, { lock_timeout: lockTimeoutMs });
  try {
    for (let tries = 1; ; tries++) {
      try {
        return await migrate(drizzle(client), { migrationsFolder: folder });
      } catch (error) {
        if (!inUse.has(sqlState(error) ?? "") || tries === maxTries) throw error;
        await Bun.sleep(pauseMs);
        const waitMs = (await untilVacuumEndsMs(client)) ?? lockTimeoutMs;
        await client`select set_config('lock_timeout', ${String(waitMs)}, false)`;
      }
    }
  } finally {
    await client.end({ timeout: 5 });
  }
}

/** Which jobs a runner holds is asked every few seconds, and a shop's jobs of the coming days are many. */
async function indexHeldJobs(client: postgres.Sql): Promise<void> {
  // Looked for first: "if not exists" waits for all who write to the queue before it looks, and makes the next ones wait.
  const [index] = await client`select from pg_class where oid = to_regclass('graphile_worker.orderflow_held_jobs')`;
  if (index) return;
  await client`
    create index if not exists orderflow_held_jobs on graphile_worker._private_jobs (locked_by, locked_at)
    where locked_by is not null`;
}

/**
 * PostgreSQL would plan its four statements anew for each call, at more than twice what the call costs otherwise. A new
 * version of the function comes without this.
 */
async function keepPlanOfAddingJobs(client: postgres.Sql): Promise<void> {
  const setting = "plan_cache_mode=force_generic_plan";
  const [planned] = await client`
    select from pg_proc where pronamespace = 'graphile_worker'::regnamespace and proname = 'add_jobs'
      and not coalesce(${setting} = any(proconfig), false)`;
  if (!planned) return;
  await client`
    alter function graphile_worker.add_jobs(graphile_worker.job_spec[], boolean) set plan_cache_mode = force_generic_plan`;
}

/** How long to wait for an autovacuum to be ended, when there may be one: to an owner only its locks can be seen. */
async function untilVacuumEndsMs(client: postgres.Sql): Promise<number | undefined> {
  const [deadlock] = await client<{ timeoutMs: number }[]>`
    select setting::int as "timeoutMs" from pg_settings where name = 'deadlock_timeout' and exists (
      select from pg_locks join pg_database d on d.oid = database
      where d.datname = current_database() and mode = 'ShareUpdateExclusiveLock' and granted)`;
  return deadlock && deadlock.timeoutMs + pastDeadlockMs;
}

function connect(url: string, settings: { lock_timeout?: number } = {}): postgres.Sql {
  return postgres(url, {
    max: 1,
    connect_timeout: 10,
    onnotice: () => {},
    connection: { application_name: "orderflow migrate", ...settings },
  });
}
