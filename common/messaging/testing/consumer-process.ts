import { z } from "zod";
import { connectDatabase } from "../../database/connect-database.ts";
import { createLogger } from "../../observability/logger.ts";
import { createMetrics } from "../../observability/metrics.ts";
import { createConsumer } from "../consumer.ts";
import { createLeaderships } from "../leadership.ts";
import { readEvents } from "../read.ts";
import { createUnreliableBroker } from "./unreliable-broker.ts";

/**
 * A consumer as a process of its own, to be killed and frozen: `bun consumer-process.ts <stream> <producer> <listener>`.
 * Each event it applies is a row that names this process; one that says `lingers` and names it keeps its transaction open
 * for a second, so that it can be frozen there. Without a broker, so that all it knows it asks for.
 */
const [stream = "", producerUrl = "", databaseUrl = ""] = process.argv.slice(2);
const Lingering = z.object({ value: z.object({ lingers: z.int() }) });
const lingerMs = 1_000;
const identity = { service: "test", instance: String(process.pid) };
const logger = createLogger({ ...identity, level: "error" });
const producer = connectDatabase({ url: producerUrl, max: 1, name: "reader" });
const sql = connectDatabase({ url: databaseUrl, max: 2, name: "consumer" });
const { broker, turn } = createUnreliableBroker();
turn("away");

createConsumer({
  stream,
  sql,
  leaderships: createLeaderships({ databaseUrl, instance: stream, logger }),
  broker,
  publisher: { publish: () => undefined },
  readPage: (after, limit) => readEvents(producer, { stream, after, limit }),
  async apply(tx, events) {
    for (const { position, id, data } of events) {
      await tx`insert into applied (stream, position, id, value) values (${stream}, ${position}, ${id}, ${process.pid}::int::text::jsonb)`;
      if (Lingering.safeParse(data).data?.value.lingers === process.pid) await Bun.sleep(lingerMs);
    }
    return [];
  },
  logger,
  metrics: createMetrics({ ...identity, defaults: false }),
}).start();
