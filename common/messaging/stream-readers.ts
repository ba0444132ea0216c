import type { SQL } from "bun";
import type { EventPage } from "./event.ts";

/** How often the position of one reader is written down by one process: what is pruned is days old. */
const noteEveryMs = 10_000;

/**
 * Notes who is known to listen, before any of them has asked: until it has, the whole log is kept for it. A reader that
 * is known already keeps its position.
 */
export async function registerReaders(sql: SQL, readers: Record<string, readonly string[]>): Promise<void> {
  for (const [stream, names] of Object.entries(readers)) {
    for (const reader of names) {
      await sql`
        insert into stream_reader (stream, reader) values (${stream}, ${reader}) on conflict (stream, reader) do nothing`;
    }
  }
}

/** A reader's cursor: its position, and the event there, which is null before the first. */
export type ReaderPlace = { stream: string; reader: string; position: number; eventId: string | null };

/**
 * Writes down how far readers are, each at most every 10 s. A place that is not one of this log proves nothing, such as
 * that of a reader whose producer was restored from an older copy: it keeps what it proved last.
 */
export function createReaderNotes(sql: SQL) {
  const notedAt = new Map<string, number>();
  return {
    async note({ stream, reader, position, eventId }: ReaderPlace, page: EventPage): Promise<void> {
      if (page.isPruned || position > page.head || page.afterId !== eventId) return;
      const key = `${stream} ${reader}`;
      const now = performance.now();
      if (now - (notedAt.get(key) ?? Number.NEGATIVE_INFINITY) < noteEveryMs) return;
      notedAt.set(key, now);
      await sql`
        insert into stream_reader (stream, reader, position, seen_at) values (${stream}, ${reader}, ${position}, now())
        on conflict (stream, reader)
        do update set position = excluded.position, seen_at = excluded.seen_at, forgotten_at = null`;
    },
  };
}
