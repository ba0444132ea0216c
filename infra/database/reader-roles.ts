import type { SQL } from "bun";

const maxConnections = 10;

/** It looks for minutes, if it must. When nobody waits for the answer any more, it soon lets the vacuum pass. */
export async function holdToReading(sql: SQL, reader: string): Promise<void> {
  await sql.unsafe(`alter role "${reader}" connection limit ${maxConnections}`);
  await sql.unsafe(`alter role "${reader}" set default_transaction_read_only = on`);
  await sql.unsafe(`alter role "${reader}" set statement_timeout = '15min'`);
  await sql.unsafe(`alter role "${reader}" set idle_in_transaction_session_timeout = '60s'`);
}

/** What the owner makes from now on, and what it has made: an installation may be older than its reader. */
export async function showTables(sql: SQL, { owner, reader }: { owner: string; reader: string }): Promise<void> {
  const grant = `alter default privileges for role "${owner}" grant`;
  await sql.unsafe(`${grant} usage on schemas to "${reader}"`);
  await sql.unsafe(`${grant} select on tables to "${reader}"`);
  const schemas: { name: string }[] = await sql`
    select quote_ident(nspname) as name from pg_namespace where nspname !~ '^pg_' and nspname <> 'information_schema'`;
  for (const { name } of schemas) {
    await sql.unsafe(`grant usage on schema ${name} to "${reader}"`);
    await sql.unsafe(`grant select on all tables in schema ${name} to "${reader}"`);
  }
}
