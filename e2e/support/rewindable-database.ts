import { eventually } from "@orderflow/tools/testing/eventually";
import { SQL } from "bun";
import type { System } from "./start-system.ts";

/** A service's database that can be put back to how it was, while the service goes on. */
export type RewindableDatabase = {
  sql: SQL;
  copy(): Promise<void>;
  /** What restoring a backup does, its end of all sessions included. New ones come at once, so it may have to try again. */
  restore(): Promise<void>;
  close(): Promise<void>;
};

export async function openRewindable(system: System, service: string): Promise<RewindableDatabase> {
  const url = new URL((await system.run()).postgres.url);
  url.pathname = `/orderflow_${service}`;
  const sql = new SQL({ url: url.href, max: 1 });
  return {
    sql,
    copy: () => copyTables(sql),
    restore: () => eventually(() => replaceTables(sql), { timeoutMs: 10_000, intervalMs: 0 }),
    close: () => sql.close(),
  };
}

type Table = { table: string; copy: string; columns: string };

/** Jobs are part of their database; columns that are computed cannot be written. */
async function tablesOf(sql: SQL): Promise<Table[]> {
  return await sql`
    select quote_ident(table_schema) || '.' || quote_ident(table_name) as table,
      'older.' || quote_ident(table_schema || '.' || table_name) as copy,
      string_agg(quote_ident(column_name), ', ' order by ordinal_position) as columns
    from information_schema.columns join information_schema.tables using (table_schema, table_name)
    where is_generated = 'NEVER' and table_type = 'BASE TABLE' and (table_schema = 'public'
      or (table_schema = 'graphile_worker' and table_name in ('_private_jobs', '_private_job_queues')))
    group by table_schema, table_name order by 1`;
}

async function copyTables(sql: SQL): Promise<void> {
  const tables = await tablesOf(sql);
  await sql.begin("isolation level repeatable read", async (tx) => {
    await tx.unsafe("drop schema if exists older cascade");
    await tx.unsafe("create schema older");
    for (const { table, copy } of tables) await tx.unsafe(`create table ${copy} as table ${table}`);
  });
}

async function replaceTables(sql: SQL): Promise<void> {
  const tables = await tablesOf(sql);
  await sql.begin(async (tx) => {
    await tx`set local lock_timeout = '500ms'`;
    await tx`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid()`;
    await tx.unsafe(`truncate ${tables.map(({ table }) => table).join(", ")}`);
    for (const { table, copy, columns } of tables)
      await tx.unsafe(`insert into ${table} (${columns}) overriding system value select ${columns} from ${copy}`);
  });
}
