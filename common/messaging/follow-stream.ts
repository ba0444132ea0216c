import { isAtFault } from "../fault-points.ts";
import { assertContinues, type ReadPage } from "./assert-continues.ts";
import { maxBatchEvents, maxPageEvents } from "./bounds.ts";
import type { ConsumerMetrics } from "./consumer-metrics.ts";
import type { Cursor } from "./cursor.ts";
import type { EndWatch } from "./end-watch.ts";
import type { Event } from "./event.ts";
import type { Inbox } from "./inbox.ts";
import type { Waker } from "./waker.ts";

/** Two lanes of a producer may publish in the other order than they committed; a gap this young may close by itself. */
const gapGraceMs = 25;

export type Follow = {
  inbox: Inbox;
  waker: Waker;
  metrics: ConsumerMetrics;
  readPage: ReadPage;
  settle: (from: Cursor, events: Event[]) => Promise<Cursor>;
  endWatch: EndWatch;
  /** A batch that is not full begins no sooner than this after the one before it. */
  gatherMs: number;
  mayContinue: () => boolean;
  /** After each round in which nothing went wrong. */
  onSound: () => void;
  /** Negative control: false leaves gaps as they are. */
  fillsGaps: boolean;
  /** Negative control: false takes whatever history the producer has now. */
  checksChain: boolean;
};

/**
 * Applies a stream from `start` on for as long as it may: what MQTT brought when it chains, what the producer answers
 * when something is missing or nobody has told for a while where the stream ends.
 */
export async function followStream(follow: Follow, start: Cursor): Promise<void> {
  const { inbox, waker, metrics, endWatch } = follow;
  let cursor = start;
  let head = start.position;
  let mustAsk = true;
  let beganAt = Number.NEGATIVE_INFINITY;

  async function ask(): Promise<Event[]> {
    const { lastArrival } = inbox;
    mustAsk = false;
    endWatch.asks();
    const page = await follow.readPage(cursor.position, Math.min(maxPageEvents, batchEvents()), cursor.eventId);
    if (follow.checksChain) assertContinues(page, cursor);
    head = page.head;
    const readTo = page.events.at(-1)?.position ?? cursor.position;
    inbox.prune({ position: readTo, head, arrival: lastArrival });
    mustAsk = readTo < head && page.events.length > 0;
    metrics.fetched(page.events.length);
    return page.events;
  }

  function takeFollowing(): Event[] {
    const { events, isForeign } = inbox.takeFollowing(cursor, batchEvents(), follow.checksChain);
    if (isForeign) metrics.unreadable();
    // What continues the cursor leaves nothing to ask for.
    mustAsk = isForeign || (mustAsk && events.length === 0);
    return events;
  }

  while (follow.mayContinue()) {
    if (!mustAsk) await waitUntil(follow, beganAt + follow.gatherMs, () => inbox.size >= maxBatchEvents);
    if (!follow.mayContinue()) return; // The wake-up that told so is spent.
    let events = takeFollowing();
    if (events.length === 0 && (inbox.size > 0 || endWatch.isBehind(cursor)) && !mustAsk) {
      const { position } = cursor;
      await waitUntil(follow, performance.now() + gapGraceMs, () => inbox.has(position + 1));
      events = takeFollowing();
      mustAsk ||= events.length === 0;
    }
    const mayAsk = follow.fillsGaps || cursor.position === start.position;
    if (events.length === 0 && mayAsk && (mustAsk || endWatch.dueInMs(cursor) <= 0)) events = await ask();
    if (events.length > 0) {
      beganAt = performance.now();
      cursor = await follow.settle(cursor, events);
      head = Math.max(head, cursor.position + inbox.size);
    } else if (!mustAsk || !mayAsk) {
      await waker.wait(Math.max(1, endWatch.dueInMs(cursor)));
    }
    metrics.at({ position: cursor.position, head });
    follow.onSound();
  }
}

function batchEvents(): number {
  return isAtFault("consume.short-batch") ? 1 : maxBatchEvents;
}

async function waitUntil({ waker, mayContinue }: Follow, endAt: number, isReady: () => boolean): Promise<void> {
  while (mayContinue() && !isReady()) {
    const leftMs = endAt - performance.now();
    if (leftMs <= 0) return;
    await waker.wait(leftMs);
  }
}
