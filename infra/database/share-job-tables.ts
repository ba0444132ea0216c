import { SQL } from "bun";
import type { ServiceName } from "../service-names.ts";
import { readerRole } from "./service-databases.ts";

type Policy = { name: "service" | "reader"; role: string; allows: "all" | "select" };

/**
 * graphile-worker switches row security on for its tables and makes no policy, so that only their owner sees rows.
 * Run as the owner, after each migration, this lets the service's role use them, and its reader, where there is one, see
 * them. A database without jobs is left alone.
 */
export async function shareJobTables(ownerUrl: string, service: ServiceName): Promise<void> {
  const sql = new SQL(ownerUrl, { max: 1, connectionTimeout: 10 });
  try {
    await makePolicy(sql, { name: "service", role: service, allows: "all" });
    await makePolicy(sql, { name: "reader", role: readerRole(service), allows: "select" });
  } finally {
    await sql.close();
  }
}

async function makePolicy(sql: SQL, { name, role, allows }: Policy): Promise<void> {
  await sql.begin(async (tx) => {
    await tx`select pg_advisory_xact_lock(hashtext('share-job-tables'))`;
    const closed: { table: string }[] = await tx`
      select format('%I.%I', schemaname, tablename) as table from pg_tables
      where schemaname = 'graphile_worker' and rowsecurity
        and exists (select 1 from pg_roles where rolname = ${role})
        and not exists (
          select 1 from pg_policies
          where pg_policies.schemaname = pg_tables.schemaname and pg_policies.tablename = pg_tables.tablename
            and policyname = ${name})`;
    for (const { table } of closed)
      await tx.unsafe(`create policy ${name} on ${table} for ${allows} to "${role}" using (true)`);
  });
}
