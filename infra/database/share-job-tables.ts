import { SQL } from "bun";

/**
 * graphile-worker switches row security on for its tables and makes no policy, so that only their owner sees rows.
 * Run as the owner, after each migration, this lets the service's role see them. A database without jobs is left alone.
 */
export async function shareJobTables(ownerUrl: string, role: string): Promise<void> {
  const sql = new SQL(ownerUrl, { max: 1, connectionTimeout: 10 });
  try {
    await sql.begin(async (tx) => {
      await tx`select pg_advisory_xact_lock(hashtext('share-job-tables'))`;
      const closed: { name: string }[] = await tx`
        select format('%I.%I', schemaname, tablename) as name from pg_tables
        where schemaname = 'graphile_worker' and rowsecurity and not exists (
          select 1 from pg_policies
          where pg_policies.schemaname = pg_tables.schemaname and pg_policies.tablename = pg_tables.tablename)`;
      for (const { name } of closed) await tx.unsafe(`create policy service on ${name} to "${role}" using (true)`);
    });
  } finally {
    await sql.close();
  }
}
