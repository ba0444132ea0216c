import type { SQL } from "bun";
import { type Deadline, withDeadline } from "./deadline.ts";

/**
 * Throws when the database cannot be reached. A pool that neither answers nor fails within 10 s will not do so later: the
 * process exits, as it does past the deadline of a transaction.
 */
export async function pingDatabase(sql: SQL, deadline?: Partial<Deadline>): Promise<void> {
  await withDeadline(select(sql), { name: "A look at the database", ...deadline });
}

async function select(sql: SQL): Promise<void> {
  await sql`select 1`;
}
