import type { SQL } from "bun";
import { Refusal } from "../../errors.ts";
import type { Logger } from "../../observability/logger.ts";
import type { Metrics } from "../../observability/metrics.ts";
import type { Apply } from "../batch-commit.ts";
import type { Publisher } from "../publisher.ts";
import type { DeadLetterDetail } from "./dead-letter.ts";
import { type Discard, type Discarded, discard } from "./discard.ts";
import { type DeadLetterFilter, type DeadLetterPage, listDeadLetters, showDeadLetter } from "./list-dead-letters.ts";
import { type Aggregate, type Redriven, redrive } from "./redrive.ts";

/** What an operator can do about events that could not be applied. */
export type DeadLetters = {
  list(filter: DeadLetterFilter): Promise<DeadLetterPage>;
  show(place: { stream: string; position: number }): Promise<DeadLetterDetail>;
  redrive(aggregate: Aggregate & { callerId: string }): Promise<Redriven>;
  discard(call: Discard): Promise<Discarded>;
};

type Options = {
  sql: SQL;
  /** How each stream this service consumes is applied: the same functions that its consumers use. */
  appliers: Record<string, Apply>;
  publisher: Publisher;
  logger: Logger;
  metrics: Metrics;
};

const minCountIntervalMs = 2_000;

export function createDeadLetters({ sql, appliers, publisher, logger, metrics }: Options): DeadLetters {
  countOnScrape(sql, metrics);
  const discarded = metrics.counter("dead_letters_discarded_total", "Dead letters given up for ever", ["stream"]);
  const redriven = metrics.counter("dead_letters_redriven_total", "Dead letters applied after all", ["stream"]);
  return {
    list: (filter) => listDeadLetters(sql, filter),
    show: (place) => showDeadLetter(sql, place),
    async redrive({ stream, key, callerId }) {
      const apply = appliers[stream];
      if (!apply) throw new Refusal("dead_letter_not_found", `${stream} is not consumed here`);
      const outcome = await redrive({ sql, apply, publish: publisher.publish }, { stream, key });
      redriven.inc({ stream }, outcome.redriven);
      logger.info({ stream, key, callerId, ...outcome }, "dead letters were redriven");
      return outcome;
    },
    async discard(call) {
      const outcome = await discard(sql, call);
      discarded.inc({ stream: call.stream });
      logger.warn({ ...call }, "a dead letter was discarded");
      return outcome;
    },
  };
}

/** From the cursor rows, which count them, so that every instance shows the same whoever leads. */
function countOnScrape(sql: SQL, metrics: Metrics): void {
  const waiting = metrics.gauge("dead_letters", "Events set aside or parked behind one, now", ["stream"]);
  let countedAt = Number.NEGATIVE_INFINITY;
  metrics.onScrape(async () => {
    if (performance.now() - countedAt < minCountIntervalMs) return;
    countedAt = performance.now();
    const rows: { stream: string; dead_letters: number }[] = await sql`select stream, dead_letters from cursor`;
    for (const { stream, dead_letters } of rows) waiting.set({ stream }, dead_letters);
  });
}
