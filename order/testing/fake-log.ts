import { newId } from "@orderflow/common/ids";
import type { Event, EventPage } from "@orderflow/common/messaging/event";

export type FakeLog = {
  events: Event[];
  append(count?: number): void;
  /** As if it were restored from a backup: the last events are gone. */
  cut(count: number): void;
  prune(upTo: number): void;
  readPage: (after: number, limit: number) => Promise<EventPage>;
  /** How often a page was asked for. */
  reads: number;
};

/** A log in memory that answers as the real one does. */
export function fakeLog(): FakeLog {
  const logId = newId();
  let floor = 0;
  const log: FakeLog = {
    events: [],
    reads: 0,
    append(count = 1) {
      for (let n = 0; n < count; n++) {
        const position = log.events.length + 1;
        const previousId = log.events.at(-1)?.id ?? null;
        const time = new Date(position).toISOString();
        const place = { stream: "order", logId, position, previousId, time, id: newId() };
        log.events.push({ ...place, type: "order.created", key: newId(), data: {} });
      }
    },
    cut(count) {
      log.events.splice(-count);
    },
    prune(upTo) {
      floor = upTo;
    },
    async readPage(after, limit) {
      log.reads++;
      const head = log.events.length;
      const afterId = after > floor || (after > 0 && after === floor) ? (log.events[after - 1]?.id ?? null) : null;
      const page = { logId, head, afterId };
      if (after >= head) return { ...page, isPruned: false, events: [] };
      if (after < floor) return { ...page, isPruned: true, events: [] };
      return { ...page, isPruned: false, events: log.events.slice(after, after + limit) };
    },
  };
  return log;
}
