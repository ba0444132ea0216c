import type { SQL } from "bun";

/** The server notices a closed connection a moment after the client closed it, so a few looks are needed: for 2 s at most. */
export async function connectionsLeft(admin: SQL, database: string): Promise<string[]> {
  const deadline = Date.now() + 2_000;
  for (;;) {
    const rows: { application_name: string; query: string }[] = await admin`
      select application_name, left(query, 80) as query from pg_stat_activity
      where datname = ${database} and backend_type = 'client backend'`;
    if (rows.length === 0 || Date.now() > deadline)
      return rows.map((row) => `${row.application_name || "?"}: ${row.query}`);
    await Bun.sleep(20);
  }
}
