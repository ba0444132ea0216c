import type postgres from "postgres";
import type { Sequence } from "./manifest.ts";

export type Connection = postgres.Sql | postgres.ReservedSql | postgres.TransactionSql;
export type Table = { schema: string; name: string; columns: { name: string; type: string }[] };

/** Whatever a service keeps: not which migrations made its tables, and not what may be lost at any time. */
const ours = `
  n.nspname in ('public', 'graphile_worker') and c.relpersistence = 'p'
  and not (n.nspname = 'graphile_worker' and c.relname = 'migrations')`;

/** All tables with the columns that can be written, each after those that it refers to. */
export async function readTables(sql: Connection): Promise<Table[]> {
  const tables = await sql.unsafe<Table[]>(`
    select n.nspname as schema, c.relname as name, json_agg(json_build_object(
      'name', a.attname, 'type', format_type(a.atttypid, a.atttypmod)) order by a.attnum) as columns
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
      join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
    where c.relkind in ('r', 'p') and ${ours} group by 1, 2 order by 1, 2`);
  const references = await sql.unsafe<{ from: string; to: string }[]>(`
    select n.nspname || '.' || c.relname as from, tn.nspname || '.' || t.relname as to
    from pg_constraint f join pg_class c on c.oid = f.conrelid join pg_namespace n on n.oid = c.relnamespace
      join pg_class t on t.oid = f.confrelid join pg_namespace tn on tn.oid = t.relnamespace
    where f.contype = 'f' and f.conrelid <> f.confrelid and ${ours}`);
  return inOrder(tables, references);
}

export function nameOf({ schema, name }: Pick<Table, "schema" | "name">): string {
  return `${schema}.${name}`;
}

export function quoted(...names: string[]): string {
  return names.map((name) => `"${name.replaceAll('"', '""')}"`).join(".");
}

function inOrder(tables: Table[], references: { from: string; to: string }[]): Table[] {
  const ordered: Table[] = [];
  const waiting = [...tables];
  while (waiting.length > 0) {
    const isFree = (table: Table) =>
      !references.some(({ from, to }) => from === nameOf(table) && waiting.some((other) => nameOf(other) === to));
    const next = waiting.findIndex(isFree);
    if (next === -1) throw new Error(`tables refer to each other in a circle: ${waiting.map(nameOf).join(", ")}`);
    ordered.push(...waiting.splice(next, 1));
  }
  return ordered;
}

/** Those that were used. Throws when one may not be read: its numbers would be given out a second time. */
export async function readSequences(sql: Connection): Promise<Sequence[]> {
  const rows = await sql<(Omit<Sequence, "lastValue"> & { lastValue: string | null; isReadable: boolean })[]>`
    select schemaname as schema, sequencename as name, last_value::text as "lastValue",
      has_sequence_privilege(format('%I.%I', schemaname, sequencename), 'select') as "isReadable"
    from pg_sequences where schemaname in ('public', 'graphile_worker') order by 1, 2`;
  const hidden = rows.find(({ isReadable }) => !isReadable);
  if (hidden) throw new Error(`the sequence ${nameOf(hidden)} may not be read by this role`);
  return rows.flatMap(({ schema, name, lastValue }) => (lastValue === null ? [] : [{ schema, name, lastValue }]));
}

/** Hashes of the service's own migrations, then which version the job tables are of. */
export async function readMigrations(sql: Connection): Promise<string[]> {
  const own = await sql<{ hash: string }[]>`select hash from drizzle.__drizzle_migrations order by created_at`;
  const [jobs] = await sql<{ exists: boolean }[]>`
    select to_regclass('graphile_worker.migrations') is not null as exists`;
  const ofJobs = jobs?.exists ? await sql<{ id: number }[]>`select id from graphile_worker.migrations order by id` : [];
  return [...own.map(({ hash }) => hash), ...ofJobs.map(({ id }) => `jobs ${id}`)];
}
