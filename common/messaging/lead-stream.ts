import type { SQL } from "bun";
import { withDeadline } from "../database/deadline.ts";
import { readSkipped } from "./begin-reader.ts";
import { gatherMs } from "./bounds.ts";
import type { ConsumerOptions, ConsumerStatus } from "./consumer.ts";
import type { ConsumerMetrics } from "./consumer-metrics.ts";
import { loadCursor } from "./cursor.ts";
import { countBuriedInARow } from "./dead-letters/bury.ts";
import { createEndWatch } from "./end-watch.ts";
import { followStream } from "./follow-stream.ts";
import type { Inbox } from "./inbox.ts";
import { createSettler, type Settled } from "./settle-batch.ts";
import { topicOf } from "./topics.ts";
import type { TroubleLog } from "./trouble-log.ts";
import type { Waker } from "./waker.ts";

export type Lead = {
  options: ConsumerOptions;
  inbox: Inbox;
  waker: Waker;
  metrics: ConsumerMetrics;
  status: ConsumerStatus;
  trouble: TroubleLog;
  connectedAtMs: () => number;
  signal: AbortSignal;
};

/** Waits to lead, then applies the stream until the lock, the cursor or the database is lost, or the signal comes. */
export async function leadStream(lead: Lead): Promise<void> {
  const { options, inbox, waker, metrics, status, trouble, connectedAtMs, signal } = lead;
  const { stream, sql, broker, publisher, logger, heads, controls } = options;
  const leadership = await options.leaderships.acquire({
    name: `consumer ${stream}`,
    signal,
    onLost: waker.wake,
    onOtherLeads: trouble.isOver,
  });
  if (!leadership) return;

  function onSettled({ cursor, appended, applied, buried, oldest }: Settled): void {
    status.position = cursor.position;
    metrics.settled({ applied, buried, delayS: Math.max(0, (Date.now() - Date.parse(oldest.time)) / 1_000) });
    if (buried > 0)
      logger.error({ stream, position: cursor.position, buried }, "events were set aside as dead letters");
    publisher.publish(appended);
  }

  function receive(payload: Uint8Array): void {
    try {
      inbox.receive(payload, status.position);
    } catch (error) {
      metrics.unreadable();
      logger.warn({ err: error, stream }, "a message on the topic is not a batch of events");
    }
    waker.wake();
  }

  const isBrokerAway = () => !broker.isConnected();
  const unsubscribe = broker.subscribe(topicOf(stream), receive);
  const stopHearing = heads?.onHeard(waker.wake);
  try {
    inbox.clear();
    const reading = readStart(sql, stream);
    const { cursor, skipped, buriedInARow } = await withDeadline(reading, { name: `Reading the cursor of ${stream}` });
    Object.assign(status, { position: cursor.position, isLeading: true });
    metrics.leading(true);
    trouble.leads(cursor.position);
    if (skipped.length > 0)
      logger.warn({ stream, skipped }, "events of this stream were skipped, as an operator decided");
    const commit = { sql, stream, apply: options.apply, comparesCursor: controls?.comparesCursor ?? true };
    await followStream(
      {
        inbox,
        waker,
        metrics,
        readPage: options.readPage,
        settle: createSettler(commit, { onSettled, buriedInARow }),
        onSound: trouble.isOver,
        endWatch: createEndWatch({ told: () => heads?.of(stream), isBrokerAway, connectedAtMs }),
        gatherMs: options.gatherMs ?? gatherMs,
        mayContinue: () => !signal.aborted && (leadership.isHeld() || controls?.isAlwaysLeading === true),
        fillsGaps: controls?.fillsGaps ?? true,
        checksChain: controls?.checksChain ?? true,
      },
      cursor,
    );
  } finally {
    unsubscribe();
    stopHearing?.();
    status.isLeading = false;
    metrics.leading(false);
    await leadership.release();
  }
}

async function readStart(sql: SQL, stream: string) {
  const cursor = await loadCursor(sql, stream);
  const skipped = await readSkipped(sql, stream);
  return { cursor, skipped, buriedInARow: await countBuriedInARow(sql, stream, cursor.position) };
}
