import { maxHeldEvents } from "./bounds.ts";
import type { Cursor } from "./cursor.ts";
import { fromEnvelope } from "./envelope.ts";
import type { Event } from "./event.ts";

/** What MQTT brought of one stream ahead of the cursor, in whatever order. Everything in it is a hint until it chains. */
export type Inbox = ReturnType<typeof createInbox>;

export function createInbox(stream: string, maxHeld = maxHeldEvents) {
  const held = new Map<number, { event: Event; arrival: number }>();
  let arrivals = 0;

  return {
    /** @throws when the message is not a batch of events. Events of another stream or behind `position` are dropped. */
    receive(payload: Uint8Array, position: number): void {
      const batch: unknown = JSON.parse(Buffer.from(payload).toString());
      for (const envelope of Array.isArray(batch) ? batch : [batch]) {
        const event = fromEnvelope(envelope);
        if (event.stream !== stream || event.position <= position) continue;
        if (held.size < maxHeld || held.has(event.position)) held.set(event.position, { event, arrival: ++arrivals });
      }
    },

    get size(): number {
      return held.size;
    },

    has(position: number): boolean {
      return held.has(position);
    },

    /** The number of the last arrival: whatever came up to now has at most this number. */
    get lastArrival(): number {
      return arrivals;
    },

    /** Takes the events that follow the cursor, each naming the one before it. `isForeign` says that one did not. */
    takeFollowing(cursor: Cursor, maxEvents: number, checksChain = true): { events: Event[]; isForeign: boolean } {
      const events: Event[] = [];
      let lastId = cursor.eventId;
      while (events.length < maxEvents) {
        const position = cursor.position + events.length + 1;
        const next = held.get(position)?.event;
        if (!next) break;
        held.delete(position);
        const isOurLog = cursor.logId === null || next.logId === cursor.logId;
        if (checksChain && (next.previousId !== lastId || !isOurLog)) return { events, isForeign: true };
        events.push(next);
        lastId = next.id;
      }
      return { events, isForeign: false };
    },

    /**
     * Forgets what is behind `position`, and what had arrived by `arrival` and lies past `head`: an event is published
     * after its commit, so a head read later than that proves it was never appended.
     */
    prune(known: { position: number; head: number; arrival: number }): void {
      for (const [position, { arrival }] of held) {
        const isForged = position > known.head && arrival <= known.arrival;
        if (position <= known.position || isForged) held.delete(position);
      }
    },

    clear(): void {
      held.clear();
    },
  };
}
