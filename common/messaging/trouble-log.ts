import { isOutage } from "../database/sql-error.ts";
import type { Logger } from "../observability/logger.ts";
import type { ConsumerStatus } from "./consumer.ts";
import type { ConsumerMetrics } from "./consumer-metrics.ts";
import { Fenced } from "./cursor.ts";
import type { Halt } from "./halt.ts";

const repeatHaltMs = 60_000;

type Options = { logger: Logger; metrics: ConsumerMetrics; status: ConsumerStatus };

/**
 * What a log should hold of a consumer's bad times: one line when consuming stands still, one when it goes on, and of a
 * halt one each minute, since somebody must come. A database or neighbour that is away needs no stack, and that this
 * instance leads again is no news between the two.
 */
export function createTroubleLog({ logger, metrics, status }: Options) {
  const { stream } = status;
  let standstill: { reason: string; since: number; attempts: number } | undefined;
  let halt: { reason: string; saidAt: number } | undefined;

  return {
    leads(position: number): void {
      logger[standstill || halt ? "debug" : "info"]({ stream, position }, "leading");
    },

    interrupted(error: unknown): void {
      metrics.fault();
      if (error instanceof Fenced) {
        logger.debug({ stream, reason: error.message }, "the cursor was moved");
        return;
      }
      const reason = String(error);
      const isNews = standstill?.reason !== reason;
      const { since, attempts } = standstill ?? { since: performance.now(), attempts: 0 };
      standstill = { reason, since, attempts: attempts + 1 };
      const place = { stream, position: status.position };
      if (isOutage(error)) {
        logger[attempts === 0 ? "warn" : "debug"]({ ...place, reason }, "consuming waits for what is away");
      } else {
        logger[isNews ? "warn" : "debug"]({ ...place, err: error }, "consuming was interrupted");
      }
    },

    halted(error: Halt): void {
      status.haltedBecause = error.message;
      metrics.halted(true);
      const isNews = halt?.reason !== error.message;
      if (!isNews && performance.now() - (halt?.saidAt ?? 0) < repeatHaltMs) return;
      halt = { reason: error.message, saidAt: performance.now() };
      logger.fatal(
        { stream, position: status.position, reason: error.message },
        isNews ? "the stream is halted, an operator must look" : "the stream is still halted, an operator must look",
      );
    },

    /** Consuming works, here or in another instance. */
    isOver(): void {
      if (standstill) {
        const standstillS = Math.round((performance.now() - standstill.since) / 1_000);
        logger.info({ stream, standstillS, attempts: standstill.attempts }, "consuming goes on");
      }
      if (halt) logger.info({ stream, reason: halt.reason }, "the stream is no longer halted");
      if (halt) metrics.halted(false);
      status.haltedBecause = undefined;
      standstill = undefined;
      halt = undefined;
    },
  };
}

export type TroubleLog = ReturnType<typeof createTroubleLog>;
