import { SQL } from "bun";

/** Waits until the server answers a query. Throws the last error when `timeoutMs` passed or `isPointless` says so. */
export async function untilQueryable(url: string, timeoutMs: number, isPointless = () => false): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const sql = new SQL(url, { max: 1, connectionTimeout: 2 });
    try {
      await sql`select 1`;
      return;
    } catch (error) {
      if (Date.now() > deadline || isPointless()) throw error;
      await Bun.sleep(15);
    } finally {
      await sql.close();
    }
  }
}
