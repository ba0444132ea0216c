import type { Event, EventPage } from "@orderflow/common/messaging/event";
import { type LogPlace, placeOf } from "./log-place.ts";

type Seat = Disposable & {
  /** What follows this place, if the last events still hold it. Undefined: read the log. */
  recent(place: LogPlace): Event[] | undefined;
  /** Resolves when there may be events past this place, or when the signal aborts. */
  movedPast(place: LogPlace, signal: AbortSignal | undefined): Promise<void>;
};

export type LogTail = {
  /** Something was appended by this process. */
  notify(): void;
  join(): Seat;
  close(): void;
};

type Options = {
  readPage: (after: number, limit: number) => Promise<EventPage>;
  onError: (error: unknown) => void;
  pollMs?: number;
  maxEvents?: number;
};

const pageEvents = 500;

/**
 * The last events of a log, read once for however many follow it: at once after this process's own commits, and within
 * `pollMs` after another's. Nothing is read while nobody follows.
 */
export function createLogTail({ readPage, onError, pollMs = 500, maxEvents = 1_000 }: Options): LogTail {
  const waiting = new Set<() => void>();
  let seats = 0;
  let events: Event[] = [];
  /** The end of what was read. Undefined until somebody follows. */
  let end: LogPlace | undefined;
  let timer: ReturnType<typeof setInterval> | undefined;
  let isReading = false;
  let isStale = false;

  async function readOn(): Promise<void> {
    isStale = true;
    if (isReading) return;
    isReading = true;
    try {
      while (isStale && seats > 0) {
        isStale = false;
        if (await readNextPage()) isStale = true;
      }
    } catch (error) {
      onError(error);
    }
    isReading = false;
  }

  /** Whether there may be more. */
  async function readNextPage(): Promise<boolean> {
    // Who waits already may wait behind it.
    const isNew = end === undefined;
    end ??= { position: (await readPage(0, 1)).head };
    const page = await readPage(end.position, pageEvents);
    // Whoever comes next begins at the end of then.
    if (seats === 0) forget();
    if (end === undefined) return false;
    const isOther = page.isPruned || page.head < end.position || (end.eventId ?? page.afterId) !== page.afterId;
    if (isOther) forget();
    else take(page);
    if (isOther || isNew || page.events.length > 0) wakeAll();
    return isOther || page.events.length === pageEvents;
  }

  function take(page: EventPage): void {
    const last = page.events.at(-1);
    events = [...events, ...page.events].slice(-maxEvents);
    end = last ? placeOf(last) : { position: end?.position ?? page.head, eventId: page.afterId ?? undefined };
  }

  function forget(): void {
    events = [];
    end = undefined;
  }

  function wakeAll(): void {
    for (const wake of [...waiting]) wake();
  }

  function leave(): void {
    seats--;
    if (seats > 0) return;
    clearInterval(timer);
    timer = undefined;
    forget();
  }

  function recent(place: LogPlace): Event[] | undefined {
    const first = events[0];
    if (first === undefined) return end?.position === place.position ? [] : undefined;
    const index = place.position - first.position;
    const seenId = index === -1 ? (first.previousId ?? undefined) : events[index]?.id;
    if (index < -1 || index >= events.length || (place.eventId ?? seenId) !== seenId) return undefined;
    return events.slice(index + 1);
  }

  return {
    notify() {
      if (seats > 0) void readOn();
    },
    join() {
      seats++;
      timer ??= setInterval(() => void readOn(), pollMs);
      void readOn();
      return {
        recent,
        movedPast: (place, signal) => (isAhead(end, place) ? Promise.resolve() : wakened({ waiting, signal })),
        [Symbol.dispose]: leave,
      };
    },
    close() {
      clearInterval(timer);
      wakeAll();
    },
  };
}

function isAhead(end: LogPlace | undefined, { position }: LogPlace): boolean {
  return end !== undefined && end.position > position;
}

function wakened({ waiting, signal }: { waiting: Set<() => void>; signal: AbortSignal | undefined }): Promise<void> {
  return new Promise((resolve) => {
    const wake = () => {
      waiting.delete(wake);
      signal?.removeEventListener("abort", wake);
      resolve();
    };
    waiting.add(wake);
    signal?.addEventListener("abort", wake);
    if (signal?.aborted) wake();
  });
}
