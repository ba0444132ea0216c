import type { SQL } from "bun";
import type { Logger } from "../observability/logger.ts";
import type { Metrics } from "../observability/metrics.ts";
import type { ReadPage } from "./assert-continues.ts";
import type { Apply } from "./batch-commit.ts";
import type { Broker } from "./broker.ts";
import { createConsumerMetrics } from "./consumer-metrics.ts";
import { type Cursor, Fenced, loadCursor } from "./cursor.ts";
import { followStream } from "./follow-stream.ts";
import { Halt } from "./halt.ts";
import { createInbox } from "./inbox.ts";
import { acquireLeadership } from "./leadership.ts";
import type { Publisher } from "./publisher.ts";
import { createSettler, type Settled } from "./settle-batch.ts";
import { topicOf } from "./topics.ts";
import { createWaker } from "./waker.ts";

const minBackoffMs = 50;
const maxBackoffMs = 2_000;

export type ConsumerStatus = {
  stream: string;
  position: number;
  isLeading: boolean;
  haltedBecause: string | undefined;
};

/** Applies the events of one stream, in order, each with its effect exactly once in this database. */
export type Consumer = { start(): void; stop(): Promise<void>; status(): ConsumerStatus };

export type ConsumerOptions = {
  stream: string;
  sql: SQL;
  /** For the connection that holds the leader's lock. */
  databaseUrl: string;
  broker: Broker;
  publisher: Publisher;
  readPage: ReadPage;
  apply: Apply;
  logger: Logger;
  metrics: Metrics;
  /** Negative controls: what is switched off here must make the proofs fail. Nothing but a test sets them. */
  controls?: { fillsGaps?: boolean; comparesCursor?: boolean; isAlwaysLeading?: boolean };
};

/** Any number of instances may run: one leads at a time, and the cursor makes even two at a time safe. */
export function createConsumer(options: ConsumerOptions): Consumer {
  const { stream, sql, broker, publisher, controls } = options;
  const logger = options.logger.child({ stream });
  const metrics = createConsumerMetrics(options.metrics, stream);
  const inbox = createInbox(stream);
  const waker = createWaker();
  const stopping = new AbortController();
  const status: ConsumerStatus = { stream, position: 0, isLeading: false, haltedBecause: undefined };
  let running: Promise<void> | undefined;

  function onSettled({ cursor, appended, applied, buried, oldest }: Settled): void {
    status.position = cursor.position;
    metrics.settled({ applied, buried, delayS: Math.max(0, (Date.now() - Date.parse(oldest.time)) / 1_000) });
    if (buried > 0) logger.error({ position: cursor.position, buried }, "events were set aside as dead letters");
    publisher.publish(appended);
  }

  function receive(payload: Uint8Array): void {
    try {
      inbox.receive(payload, status.position);
    } catch (error) {
      metrics.unreadable();
      logger.warn({ err: error }, "a message on the topic is not a batch of events");
    }
    waker.wake();
  }

  async function lead(): Promise<void> {
    const leadership = await acquireLeadership({
      databaseUrl: options.databaseUrl,
      name: `consumer ${stream}`,
      logger,
      signal: stopping.signal,
      onLost: waker.wake,
    });
    if (!leadership) return;
    const unsubscribe = broker.subscribe(topicOf(stream), receive);
    try {
      inbox.clear();
      const cursor = await loadCursor(sql, stream);
      enter(cursor);
      await followStream(
        {
          inbox,
          waker,
          metrics,
          readPage: options.readPage,
          settle: createSettler(
            { sql, stream, apply: options.apply, comparesCursor: controls?.comparesCursor ?? true },
            onSettled,
          ),
          isBrokerAway: () => !broker.isConnected(),
          mayContinue: () => !stopping.signal.aborted && (leadership.isHeld() || controls?.isAlwaysLeading === true),
          fillsGaps: controls?.fillsGaps ?? true,
        },
        cursor,
      );
    } finally {
      unsubscribe();
      leave();
      await leadership.release();
    }
  }

  function enter(cursor: Cursor): void {
    status.position = cursor.position;
    status.isLeading = true;
    metrics.leading(true);
    logger.info({ position: cursor.position }, "leading");
  }

  function leave(): void {
    status.isLeading = false;
    metrics.leading(false);
  }

  async function run(): Promise<void> {
    for (let failures = 0; !stopping.signal.aborted; ) {
      const { position } = status;
      try {
        await lead();
        failures = 0;
      } catch (error) {
        if (error instanceof Halt) {
          halt(error);
          return;
        }
        metrics.fault();
        if (status.position > position) failures = 0;
        logger[error instanceof Fenced ? "info" : "warn"](
          { err: error, position: status.position },
          "consuming was interrupted",
        );
        const backoffMs = Math.min(maxBackoffMs, minBackoffMs * 2 ** Math.min(failures++, 10));
        await Bun.sleep(backoffMs * (0.5 + Math.random() / 2));
      }
    }
  }

  function halt(error: Halt): void {
    status.haltedBecause = error.message;
    metrics.halted(true);
    logger.fatal({ err: error, position: status.position }, "the stream is halted, an operator must look");
  }

  return {
    start() {
      metrics.halted(false);
      broker.onConnect(waker.wake);
      running ??= run();
    },
    async stop() {
      stopping.abort();
      waker.wake();
      await running;
    },
    status: () => ({ ...status }),
  };
}
