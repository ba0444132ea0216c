import type { SQL } from "bun";

/** Makes sure that the streams this service produces exist. A stream keeps the log id it was born with. */
export async function ensureStreams(sql: SQL, names: string[]): Promise<void> {
  for (const name of names) await sql`insert into stream (name) values (${name}) on conflict (name) do nothing`;
}
