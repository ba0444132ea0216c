import { Refusal } from "@orderflow/common/errors";
import type { Event, EventPage } from "@orderflow/common/messaging/event";
import { type LogPlace, placeOf } from "./log-place.ts";
import type { LogTail } from "./log-tail.ts";

type Options = {
  tail: LogTail;
  readPage: (after: number, limit: number) => Promise<EventPage>;
  /** The last event seen. Without one it begins at the end of the log, with no event but that place. */
  from: LogPlace | undefined;
  signal: AbortSignal | undefined;
  maxBacklog?: number;
};

export type LogStep = { place: LogPlace; event?: Event };

/** What a follower may have missed and still be told: more is sooner read anew. */
export const maxBacklogEvents = 10_000;
const pageEvents = 500;

/**
 * The events of a log after a place, each once and in order, first those of the past and then as they are appended.
 * Throws feed_expired when that place is not in the log (any more), or is further back than `maxBacklog` events.
 */
export async function* followLog(options: Options): AsyncGenerator<LogStep, void> {
  const { tail, readPage, from, signal, maxBacklog = maxBacklogEvents } = options;
  // Before the log is read, or an append in between would be noticed late.
  using seat = tail.join();
  let place = from ?? (await endOfLog(readPage));
  if (from === undefined) yield { place };
  else await requireReachable(from, { readPage, maxBacklog });
  while (!signal?.aborted) {
    const events = seat.recent(place) ?? (await readAfter(place, readPage));
    for (const event of events) {
      place = placeOf(event);
      yield { place, event };
      if (signal?.aborted) return;
    }
    if (events.length === 0) await seat.movedPast(place, signal);
  }
}

async function endOfLog(readPage: Options["readPage"]): Promise<LogPlace> {
  const { head } = await readPage(0, 1);
  const { afterId } = await readPage(head, 1);
  return { position: head, eventId: afterId ?? undefined };
}

type Reach = { readPage: Options["readPage"]; maxBacklog: number };

async function requireReachable(from: LogPlace, { readPage, maxBacklog }: Reach): Promise<void> {
  const page = await readPage(from.position, 1);
  requireInLog(from, page);
  const missed = page.head - from.position;
  if (missed > maxBacklog)
    throw expired(`${missed} changes were missed, more than the ${maxBacklog} that are sent again`);
}

async function readAfter(place: LogPlace, readPage: Options["readPage"]): Promise<Event[]> {
  const page = await readPage(place.position, pageEvents);
  requireInLog(place, page);
  return page.events;
}

/** A log that was restored from a backup may have another event at that place, or none yet. */
function requireInLog({ position, eventId }: LogPlace, { head, afterId, isPruned }: EventPage): void {
  if (isPruned || position > head) throw expired("The last change that was seen is no longer in the log");
  if (eventId !== undefined && position > 0 && afterId !== eventId)
    throw expired("The last change that was seen is not one of this log");
}

function expired(why: string): Refusal {
  return new Refusal("feed_expired", `${why}: read the list anew, and follow from there`);
}
