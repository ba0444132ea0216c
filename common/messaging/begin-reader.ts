import type { SQL } from "bun";
import { transact } from "../database/connect-database.ts";
import type { Cursor } from "./cursor.ts";
import { type Ends, readCursor } from "./find-fork.ts";

/** Why a reader was not begun anew. Its cursor is where it was. */
export class CannotBegin extends Error {
  override readonly name = "CannotBegin";
}

/** The oldest event that is kept, or the newest. The reader stands on it: the one after it is the first it applies. */
export type BeginAt = "floor" | "head";

export type Beginning = {
  cursor: Cursor;
  logId: string;
  /** Whether the reader cannot go on from its cursor. */
  isPruned: boolean;
  places: Record<BeginAt, { position: number; eventId: string }>;
};

/** Where a reader could begin whose next event is pruned, or that has applied nothing yet. Reads only. */
export async function lookForBeginning({ consumer, producer, stream }: Ends): Promise<Beginning> {
  const cursor = await readCursor(consumer, stream);
  const [log]: LogRow[] = await producer`
    select log_id as "logId", head::float8 as head, last_id as "headId", oldest.position::float8 as floor,
      oldest.id as "floorId", exists (select from event where stream = name and position = ${cursor.position}) as "hasCursor"
    from stream left join lateral (
      select position, id from event where event.stream = name order by position limit 1) oldest on true
    where name = ${stream}`;
  if (!log) throw new CannotBegin(`no stream named ${stream} is produced there`);
  const { logId, head, headId, floor, floorId, hasCursor } = log;
  if (headId === null || floor === null || floorId === null)
    throw new CannotBegin(`${stream} has no event yet: a reader begins with the first by itself`);
  if (cursor.position > 0 && (cursor.logId !== logId || cursor.position > head))
    throw new CannotBegin(`the cursor at ${cursor.position} is not on the producer's log: see \`bun run realign\``);
  const isPruned = cursor.position === 0 ? floor > 1 : !hasCursor;
  const places = { floor: { position: floor, eventId: floorId }, head: { position: head, eventId: headId } };
  return { cursor, logId, isPruned, places };
}

type LogRow = {
  logId: string;
  head: number;
  headId: string | null;
  floor: number | null;
  floorId: string | null;
  hasCursor: boolean;
};

type Decision = { reader: string; at: BeginAt; callerId: string; reason: string };

/**
 * Puts a reader's cursor on an event further on, and notes in `skipped_range` what it will never apply, with who and why.
 * The log is kept for the reader from before the look, so that the place is still there when the reader comes.
 *
 * @throws CannotBegin when the reader can go on without skipping, or its cursor moved meanwhile.
 */
export async function beginReader(ends: Ends, { reader, at, callerId, reason }: Decision): Promise<Beginning> {
  const { consumer, producer, stream } = ends;
  await keepFor(producer, { stream, reader });
  const beginning = await lookForBeginning(ends);
  const { cursor, logId, isPruned, places } = beginning;
  if (!isPruned && (cursor.position > 0 || at === "floor"))
    throw new CannotBegin(`nothing after ${cursor.position} is pruned: ${reader} goes on by itself`);
  const { position, eventId } = places[at];
  await transact(consumer, async (tx) => {
    await tx`insert into cursor (stream) values (${stream}) on conflict (stream) do nothing`;
    const moved: unknown[] = await tx`
      update cursor set position = ${position}, event_id = ${eventId}::uuid, log_id = ${logId}::uuid
      where stream = ${stream} and position = ${cursor.position} returning 1`;
    if (moved.length === 0) throw new CannotBegin(`the cursor of ${stream} moved meanwhile: look again`);
    await tx`
      insert into skipped_range (stream, after_position, to_position, log_id, skipped_by, reason)
      values (${stream}, ${cursor.position}, ${position}, ${logId}::uuid, ${callerId}, ${reason})`;
    // What is remembered must have no holes: a fork is looked for by halving.
    await tx`delete from cursor_trail where stream = ${stream}`;
  });
  return beginning;
}

async function keepFor(producer: SQL, { stream, reader }: { stream: string; reader: string }): Promise<void> {
  await producer`
    insert into stream_reader (stream, reader) select name, ${reader} from stream where name = ${stream}
    on conflict (stream, reader) do update set forgotten_at = null`;
}

export type SkippedRange = { after: number; to: number; by: string; reason: string; at: Date };

const maxShown = 10;

/** What this service never applied of a stream, as an operator decided: the latest ten decisions. */
export async function readSkipped(sql: SQL, stream: string): Promise<SkippedRange[]> {
  const rows: SkippedRange[] = await sql`
    select after_position::float8 as after, to_position::float8 as to, skipped_by as by, reason, skipped_at as at
    from skipped_range where stream = ${stream} order by skipped_at desc limit ${maxShown}`;
  return [...rows];
}
