import type { SQL, TransactionSQL } from "bun";
import { maxTrailEvents, trailPruneEvents } from "./bounds.ts";
import type { Event } from "./event.ts";

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

export type Advance = { from: Cursor; to: Cursor; events: Event[]; compares: boolean };

/**
 * Moves the cursor from one place to the next, or not at all, and notes which events led there. The row it locks is the first lock of the transaction, so
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
  { from, to, events, compares }: Advance,
): Promise<number> {
  const trail = JSON.stringify(events.map(({ id, type, key }) => [id, type, key]));
  const [row]: { dead_letters: number }[] = await tx`
    with moved as (
      update cursor set position = ${to.position}, event_id = ${to.eventId}::uuid, log_id = ${to.logId}::uuid
      where stream = ${stream} and (position = ${from.position} or ${!compares}) returning dead_letters
    ), noted as (
      insert into cursor_trail (stream, position, events) select ${stream}, ${to.position}, ${trail}::text::jsonb from moved
      on conflict (stream, position) do nothing
    )
    select dead_letters from moved`;
  if (!row) throw new Fenced(`the cursor of ${stream} is no longer at ${from.position}`);
  await pruneTrail(tx, stream, { from, to });
  return row.dead_letters;
}

async function pruneTrail(tx: TransactionSQL, stream: string, { from, to }: Pick<Advance, "from" | "to">) {
  if (Math.floor(from.position / trailPruneEvents) === Math.floor(to.position / trailPruneEvents)) return;
  await tx`delete from cursor_trail where stream = ${stream} and position < ${to.position - maxTrailEvents}`;
}
