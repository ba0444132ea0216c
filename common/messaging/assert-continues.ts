import type { Cursor } from "./cursor.ts";
import type { EventPage } from "./event.ts";
import { Halt } from "./halt.ts";

/**
 * Reads a producer's stream from a position. A consumer also names the event at its cursor, so that the producer knows
 * how far it is and what need not be kept for it.
 */
export type ReadPage = (after: number, limit: number, cursorEventId?: string | null) => Promise<EventPage>;

/**
 * Checks that a producer's answer continues the history that led to this cursor.
 *
 * @throws Halt when it is another log, ends before the cursor, is pruned past it, or has another event at its position.
 */
export function assertContinues(page: EventPage, cursor: Cursor): void {
  if (cursor.logId !== null && page.logId !== cursor.logId) {
    throw new Halt(`the producer's log is ${page.logId}, the cursor at ${cursor.position} belongs to ${cursor.logId}`);
  }
  if (page.head < cursor.position) {
    throw new Halt(`the producer's log ends at ${page.head}, before the cursor at ${cursor.position}`);
  }
  if (page.isPruned) {
    const remedy = "`bun run readers begin` says where it can go on";
    throw new Halt(`what follows ${cursor.position} is pruned at the producer: ${remedy}`);
  }
  if (page.afterId !== cursor.eventId) {
    throw new Halt(`the producer's history was rewritten at or before ${cursor.position}`);
  }
  assertChained(page, cursor);
}

function assertChained(page: EventPage, cursor: Cursor): void {
  let last = { position: cursor.position, id: cursor.eventId };
  for (const event of page.events) {
    if (event.position !== last.position + 1 || event.previousId !== last.id) {
      throw new Halt(`the producer's event at ${event.position} does not follow ${last.position}`);
    }
    last = event;
  }
}
