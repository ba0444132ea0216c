import { auditedServices } from "@orderflow/infra/audit/parts-sql";
import postgres from "postgres";
import type { BenchSystem } from "../system/bench-system.ts";

/** A table at one moment. Sizes in bytes. */
export type TableLook = {
  table: string;
  rows: number;
  dead: number;
  updates: number;
  hotUpdates: number;
  deletes: number;
  heap: number;
  indexes: number;
};

/** Every table of the four databases that has been written to. */
export async function lookAtTables(bench: BenchSystem): Promise<TableLook[]> {
  const looks = await inEach(bench, async (sql, service) => {
    await sql`select pg_stat_force_next_flush()`;
    return await sql<TableLook[]>`
      select ${service} || '.' || relname as table, n_live_tup::float8 as rows, n_dead_tup::float8 as dead,
        n_tup_upd::float8 as updates, n_tup_hot_upd::float8 as "hotUpdates", n_tup_del::float8 as deletes,
        pg_table_size(relid)::float8 as heap, pg_indexes_size(relid)::float8 as indexes
      from pg_stat_user_tables where n_tup_ins + n_tup_upd + n_tup_del > 0 and schemaname <> 'drizzle' order by relname`;
  });
  return looks.flat();
}

/** Rewrites every table and its indexes without a gap. The services must not be at work. */
export async function packTables(bench: BenchSystem): Promise<void> {
  await inEach(bench, async (sql) => {
    await sql.unsafe("set statement_timeout = 0");
    await sql.unsafe("vacuum (full, analyze)");
  });
}

/** A day goes by in minutes, so what looks once a minute must look more often. */
export async function hurryAutovacuum(bench: BenchSystem): Promise<void> {
  const sql = postgres(await bench.databaseUrl("order"), { max: 1, onnotice: () => undefined });
  try {
    await sql.unsafe("alter system set autovacuum_naptime = '1s'");
    await sql.unsafe("select pg_reload_conf()");
  } finally {
    await sql.end();
  }
}

function inEach<T>(bench: BenchSystem, work: (sql: postgres.Sql, service: string) => Promise<T>): Promise<T[]> {
  return Promise.all(
    auditedServices.map(async (service) => {
      const sql = postgres(await bench.databaseUrl(service), { max: 1, onnotice: () => undefined });
      try {
        return await work(sql, service);
      } finally {
        await sql.end();
      }
    }),
  );
}
