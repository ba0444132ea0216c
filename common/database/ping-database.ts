import type { SQL } from "bun";

/** Throws when the database does not answer. */
export async function pingDatabase(sql: SQL): Promise<void> {
  await sql`select 1`;
}
