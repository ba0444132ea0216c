import type { SQL } from "bun";
import { withoutJobs } from "../jobs/without-jobs.ts";
import { assertContinues, type ReadPage } from "./assert-continues.ts";
import type { Apply } from "./batch-commit.ts";
import { maxBatchEvents } from "./bounds.ts";
import type { Cursor } from "./cursor.ts";
import { createSettler } from "./settle-batch.ts";

type Options = {
  /** A database with the service's tables, in which nothing of this stream was applied yet. */
  sql: SQL;
  stream: string;
  readPage: ReadPage;
  apply: Apply;
  /** Begins with the event that follows this position. */
  after?: number | undefined;
  onProgress?: ((progress: Replayed) => void) | undefined;
};

/** Why nothing was replayed: the database has seen the stream, or the position is not there. */
export class CannotReplay extends Error {
  override readonly name = "CannotReplay";
}

export type Replayed = { position: number; head: number; applied: number; buried: number };

/**
 * Applies a stream's history again to a database of its own, up to the head of the moment. Nothing leaves that database:
 * what would follow is not appended, and no job is added. An event that fails becomes a dead letter there.
 *
 * @throws CannotReplay when something of the stream was applied there already, or there is no such position.
 */
export async function replay({ sql, stream, readPage, apply, after = 0, onProgress }: Options): Promise<Replayed> {
  const begin = await readPage(after, 1);
  if (after > begin.head || (after > 0 && begin.afterId === null))
    throw new CannotReplay(`${stream} has positions up to ${begin.head}, and nothing at ${after} to begin after`);
  let cursor: Cursor = { position: after, eventId: begin.afterId, logId: begin.logId };
  await placeCursor(sql, stream, cursor);

  const progress: Replayed = { position: after, head: begin.head, applied: 0, buried: 0 };
  const settle = createSettler(
    {
      sql,
      stream,
      comparesCursor: true,
      async apply(tx, events) {
        await withoutJobs(() => apply(tx, events));
        return [];
      },
    },
    {
      buriedInARow: 0,
      onSettled({ cursor: { position }, applied, buried }) {
        Object.assign(progress, { position, applied: progress.applied + applied, buried: progress.buried + buried });
        onProgress?.({ ...progress });
      },
    },
  );
  while (cursor.position < begin.head) {
    const page = await readPage(cursor.position, maxBatchEvents);
    assertContinues(page, cursor);
    cursor = await settle(cursor, page.events);
  }
  return progress;
}

async function placeCursor(sql: SQL, stream: string, { position, eventId, logId }: Cursor): Promise<void> {
  const placed: unknown[] = await sql`
    insert into cursor (stream, position, event_id, log_id) values (${stream}, ${position}, ${eventId}::uuid, ${logId}::uuid)
    on conflict (stream) do nothing returning 1`;
  if (placed.length === 0)
    throw new CannotReplay(`this database has a cursor of ${stream} already: replay into a fresh one`);
}
