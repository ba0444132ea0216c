import { isFault } from "../database/sql-error.ts";
import { type BatchCommit, commitBatch } from "./batch-commit.ts";
import { type Cursor, Fenced } from "./cursor.ts";
import type { Event } from "./event.ts";
import { Halt } from "./halt.ts";

const maxAttempts = 3;
const maxBurialsInARow = 10;
const retryDelayMs = 20;

/** What one transaction did. `oldest` is its first event. */
export type Settled = { cursor: Cursor; oldest: Event; appended: Event[]; applied: number; buried: number };

/** Applies a non-empty, contiguous batch that follows the cursor, and answers the cursor after it. */
export type Settle = (from: Cursor, events: Event[]) => Promise<Cursor>;

type Settling = {
  onSettled: (settled: Settled) => void;
  /** What was buried last before this began, so that neither a restart nor another instance buries ten more. */
  buriedInARow: number;
};

/**
 * A batch that fails is halved until the culprit stands alone; after three tries that event is buried and the stream
 * goes on. A fault (database away, cursor moved by another) is not the event's doing and is thrown.
 */
export function createSettler(commit: BatchCommit, { onSettled, buriedInARow }: Settling): Settle {
  let burialsInARow = buriedInARow;

  async function apply(from: Cursor, events: Event[]): Promise<Cursor> {
    const { oldest, to } = ends(events);
    const { appended, buried } = await commitBatch(commit, { from, to, events });
    burialsInARow = 0;
    onSettled({ cursor: to, oldest, appended, applied: events.length - buried, buried });
    return to;
  }

  async function settle(from: Cursor, events: Event[]): Promise<Cursor> {
    try {
      return await apply(from, events);
    } catch (error) {
      if (isNotTheEvents(error)) throw error;
      if (events.length === 1) return await settleCulprit(from, events);
      const half = events.length >> 1;
      return await settle(await settle(from, events.slice(0, half)), events.slice(half));
    }
  }

  async function settleCulprit(from: Cursor, events: Event[]): Promise<Cursor> {
    for (let attempt = 2; ; attempt++) {
      await Bun.sleep(retryDelayMs * attempt);
      try {
        return await apply(from, events);
      } catch (error) {
        if (isNotTheEvents(error)) throw error;
        if (attempt === maxAttempts) return await buryCulprit(from, events, error);
      }
    }
  }

  async function buryCulprit(from: Cursor, events: Event[], error: unknown): Promise<Cursor> {
    if (++burialsInARow > maxBurialsInARow)
      throw new Halt(`more than ${maxBurialsInARow} events in a row failed: ${String(error)}`);
    const { oldest, to } = ends(events);
    const stack = error instanceof Error ? error.stack : undefined;
    await commitBatch(commit, { from, to, events }, { error: String(error), stack, attempts: maxAttempts });
    onSettled({ cursor: to, oldest, appended: [], applied: 0, buried: events.length });
    return to;
  }

  return settle;
}

function isNotTheEvents(error: unknown): boolean {
  return error instanceof Fenced || error instanceof Halt || isFault(error);
}

function ends(events: Event[]): { oldest: Event; to: Cursor } {
  const [oldest] = events;
  const last = events.at(-1);
  if (!oldest || !last) throw new Error("a batch holds at least one event");
  return { oldest, to: { position: last.position, eventId: last.id, logId: last.logId } };
}
