import type { SQL } from "bun";
import { withDeadline } from "../database/deadline.ts";

/** Where a stream ends: the position and the event there, of which log. `id` is null before the first event. */
export type StreamHead = { position: number; id: string | null; logId: string };

/** By stream. */
export type StreamHeads = Record<string, StreamHead>;

/** What one announcement may hold. */
export const maxAnnouncedHeads = 4;

type HeadRow = { name: string; position: number; id: string | null; logId: string };

/** Where these streams end, which this service produces. */
export async function readHeads(sql: SQL, streams: readonly string[]): Promise<StreamHeads> {
  const rows = await withDeadline(selectHeads(sql, streams), { name: "Reading the heads of the streams" });
  return Object.fromEntries(rows.map(({ name, ...head }) => [name, head]));
}

async function selectHeads(sql: SQL, streams: readonly string[]): Promise<HeadRow[]> {
  return await sql`
    select name, head::float8 as position, last_id as id, log_id as "logId" from stream
    where name = any(${sql.array([...streams], "TEXT")})`;
}
