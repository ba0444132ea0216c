import type { SQL, TransactionSQL } from "bun";

/** A place in a stream, and proof of whose history led there. `eventId` and `logId` are null before the first event. */
export type Cursor = { position: number; eventId: string | null; logId: string | null };

type CursorRow = { position: string; event_id: string | null; log_id: string | null };

export async function loadCursor(sql: SQL, stream: string): Promise<Cursor> {
  await sql`insert into cursor (stream) values (${stream}) on conflict (stream) do nothing`;
  const [row]: CursorRow[] = await sql`select position, event_id, log_id from cursor where stream = ${stream}`;
  if (!row) throw new Error(`the cursor of ${stream} is missing`);
  return { position: Number(row.position), eventId: row.event_id, logId: row.log_id };
}

/** Another process moved the cursor since this one looked. Nothing was applied; look again. */
export class Fenced extends Error {
  override readonly name = "Fenced";
}

/**
 * Moves the cursor from one place to the next, or not at all. The row it locks is the first lock of the transaction, so
 * two consumers of one stream can never both apply the same event.
 *
 * `compares: false` is a negative control.
 *
 * @returns how many dead letters of this stream wait, so that a clean stream pays nothing for looking.
 * @throws Fenced when the cursor is no longer at `from`.
 */
export async function advanceCursor(
  tx: TransactionSQL,
  stream: string,
  { from, to, compares }: { from: Cursor; to: Cursor; compares: boolean },
): Promise<number> {
  const [row]: { dead_letters: number }[] = await tx`
    update cursor set position = ${to.position}, event_id = ${to.eventId}::uuid, log_id = ${to.logId}::uuid
    where stream = ${stream} and (position = ${from.position} or ${!compares}) returning dead_letters`;
  if (!row) throw new Fenced(`the cursor of ${stream} is no longer at ${from.position}`);
  return row.dead_letters;
}
