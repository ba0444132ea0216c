import { createTables } from "@orderflow/tools/testing/create-tables";
import { createTestDatabase, type TestDatabase } from "@orderflow/tools/testing/test-database";
import type { SQL } from "bun";
import { createLogger } from "../../observability/logger.ts";
import { createMetrics } from "../../observability/metrics.ts";
import { appendEvents } from "../append.ts";
import type { Apply } from "../batch-commit.ts";
import { type Consumer, type ConsumerOptions, createConsumer } from "../consumer.ts";
import type { Event } from "../event.ts";
import { createLeaderships } from "../leadership.ts";
import { createPublisher } from "../publisher.ts";
import { readEvents } from "../read.ts";
import * as schema from "../schema.ts";
import { ensureStreams } from "../streams.ts";
import { createUnreliableBroker } from "./unreliable-broker.ts";

/** A producer and its listener, each with a database of its own, and a broker that keeps no promise between them. */
export type LogRig = Awaited<ReturnType<typeof createLogRig>>;

export async function createLogRig() {
  const [producer, listener] = await Promise.all([
    createTestDatabase({ service: "none" }),
    createTestDatabase({ service: "none" }),
  ]);
  for (const { sql } of [producer, listener]) await createTables(sql, schema);
  await listener.sql`create table applied (n bigint generated always as identity, stream text, position bigint, id uuid, value jsonb)`;
  return {
    producer,
    listener,
    async drop(): Promise<void> {
      await Promise.all([producer.drop(), listener.drop()]);
    },
    aStream: (name: string, overrides?: Partial<ConsumerOptions>) =>
      createStreamRig({ producer, listener }, name, overrides),
  };
}

const lateCommitMs = 300;

/** One stream of a rig: what was appended, and what came of it. The effects of an event are a row and an echo. */
async function createStreamRig(
  rig: { producer: TestDatabase; listener: TestDatabase },
  stream: string,
  overrides: Partial<ConsumerOptions> = {},
) {
  const weather = createUnreliableBroker();
  const metrics = createMetrics({ service: "test", instance: stream, defaults: false });
  const logger = createLogger({ service: "test", instance: stream, level: "silent" });
  const publisher = createPublisher({ broker: weather.broker, logger, metrics });
  const appended: Event[] = [];
  const echo = `${stream}-echo`;
  await ensureStreams(rig.producer.sql, [stream]);
  await ensureStreams(rig.listener.sql, [echo]);

  const apply: Apply = async (tx, events) => {
    for (const { position, id, data } of events) {
      await tx`insert into applied (stream, position, id, value) values (${stream}, ${position}, ${id}, ${data}::jsonb)`;
    }
    return events.map((event) => ({ stream: echo, type: "echoed", key: event.key, data: {}, causationId: event.id }));
  };

  return {
    ...weather,
    stream,
    appended,
    metrics,

    async append(values: unknown[], key = "k"): Promise<void> {
      const facts = values.map((value) => ({ stream, type: "said", key, data: { value } }));
      const events = await rig.producer.sql.begin((tx) => appendEvents(tx, facts));
      appended.push(...events);
      publisher.publish(events);
    },

    /** Negative control: what is told before its commit, which then never comes. Answers the ids that were told. */
    async publishThenRollBack(values: unknown[]): Promise<string[]> {
      const facts = values.map((value) => ({ stream, type: "said", key: "k", data: { value } }));
      const told: string[] = [];
      const rollback = rig.producer.sql.begin(async (tx) => {
        const events = await appendEvents(tx, facts);
        told.push(...events.map((event) => event.id));
        publisher.publish(events);
        await Bun.sleep(lateCommitMs);
        throw new Error("the commit never came");
      });
      await rollback.catch(() => undefined);
      return told;
    },

    /** As a restored backup does: what follows the position was never there. */
    async rewind(position: number): Promise<void> {
      await rig.producer.sql`delete from event where stream = ${stream} and position > ${position}`;
      await rig.producer.sql`
        update stream set head = ${position}, last_id = (
          select id from event where stream = ${stream} and position = ${position}) where name = ${stream}`;
    },

    /** What is on the producer's log now. */
    logged: (): Promise<string[]> =>
      ids(rig.producer.sql`select id from event where stream = ${stream} order by position`),

    /** How far the consumer is, and how long the log. */
    async reach(): Promise<{ cursor: number; head: number }> {
      const [at] = await rig.listener.sql`select position::int as position from cursor where stream = ${stream}`;
      const [end] = await rig.producer.sql`select head::int as head from stream where name = ${stream}`;
      return { cursor: at.position, head: end.head };
    },

    aConsumer(more: Partial<ConsumerOptions> = {}): Consumer {
      return createConsumer({
        stream,
        sql: rig.listener.sql,
        leaderships: createLeaderships({ databaseUrl: rig.listener.url, instance: stream, logger }),
        broker: weather.broker,
        publisher,
        readPage: (after, limit) => readEvents(rig.producer.sql, { stream, after, limit }),
        apply,
        logger,
        metrics,
        ...overrides,
        ...more,
      });
    },

    applied: (): Promise<string[]> => ids(rig.listener.sql`select id from applied where stream = ${stream} order by n`),
    echoed: (): Promise<string[]> =>
      ids(rig.listener.sql`select causation_id as id from event where stream = ${echo} order by position`),
  };
}

async function ids(rows: SQL.Query<{ id: string }[]>): Promise<string[]> {
  return (await rows).map((row) => row.id);
}
