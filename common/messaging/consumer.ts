import { setTimeout } from "node:timers/promises";
import type { SQL } from "bun";
import type { HeardHeads } from "../discovery/heard-heads.ts";
import type { Logger } from "../observability/logger.ts";
import type { Metrics } from "../observability/metrics.ts";
import type { ReadPage } from "./assert-continues.ts";
import type { Apply } from "./batch-commit.ts";
import type { Broker } from "./broker.ts";
import { createConsumerMetrics } from "./consumer-metrics.ts";
import { Halt } from "./halt.ts";
import { createInbox } from "./inbox.ts";
import { leadStream } from "./lead-stream.ts";
import type { Leaderships } from "./leadership.ts";
import type { Publisher } from "./publisher.ts";
import { createTroubleLog } from "./trouble-log.ts";
import { createWaker } from "./waker.ts";

const minBackoffMs = 50;
const maxBackoffMs = 2_000;
/** How soon a halted stream is looked at again. It goes on by itself once the histories agree, and only then. */
const haltedLookMs = 3_000;

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
  leaderships: Leaderships;
  broker: Broker;
  publisher: Publisher;
  readPage: ReadPage;
  /** Where the stream ends, as the producer tells; without it the producer is asked once a second. */
  heads?: HeardHeads | undefined;
  apply: Apply;
  /**
   * The least time between the beginnings of two batches, so that one commit takes what several of the producer's brought.
   * What comes after a pause is applied at once. 50 when absent.
   */
  gatherMs?: number;
  logger: Logger;
  metrics: Metrics;
  /** Negative controls: what is switched off here must make the proofs fail. Nothing but a test sets them. */
  controls?: { fillsGaps?: boolean; comparesCursor?: boolean; checksChain?: boolean; isAlwaysLeading?: boolean };
};

/** Any number of instances may run: one leads at a time, and the cursor makes even two at a time safe. */
export function createConsumer(options: ConsumerOptions): Consumer {
  const { stream, broker, logger } = options;
  const metrics = createConsumerMetrics(options.metrics, stream);
  const waker = createWaker();
  const stopping = new AbortController();
  const status: ConsumerStatus = { stream, position: 0, isLeading: false, haltedBecause: undefined };
  const { signal } = stopping;
  const trouble = createTroubleLog({ logger, metrics, status });
  let connectedAtMs = Number.NEGATIVE_INFINITY;
  const forgetConnects = broker.onConnect(() => {
    connectedAtMs = performance.now();
    waker.wake();
  });
  const own = { options, inbox: createInbox(stream), waker, metrics, status, trouble, signal };
  const lead = { ...own, connectedAtMs: () => connectedAtMs };
  let running: Promise<void> | undefined;

  async function run(): Promise<void> {
    for (let failures = 0; !signal.aborted; failures++) {
      const { position } = status;
      try {
        await leadStream(lead);
        failures = 0;
      } catch (error) {
        if (status.position > position) failures = 0;
        if (error instanceof Halt) trouble.halted(error);
        else trouble.interrupted(error);
        const pauseMs = error instanceof Halt ? haltedLookMs : Math.min(maxBackoffMs, minBackoffMs * 2 ** failures);
        await pause(pauseMs * (0.5 + Math.random() / 2));
      }
    }
  }

  /** Ended early by stop(). */
  function pause(ms: number): Promise<void> {
    return setTimeout(ms, undefined, { signal }).catch(() => undefined);
  }

  return {
    start() {
      metrics.halted(false);
      running ??= run();
    },
    async stop() {
      stopping.abort();
      forgetConnects();
      waker.wake();
      await running;
    },
    status: () => ({ ...status }),
  };
}
