import { createTokenVerifier } from "@orderflow/common/auth/internal-token";
import { transact } from "@orderflow/common/database/connect-database";
import { openService } from "@orderflow/common/http/open-service";
import { appendEvents } from "@orderflow/common/messaging/append";
import { connectBroker } from "@orderflow/common/messaging/broker";
import type { Event, Fact } from "@orderflow/common/messaging/event";
import { createEventsRouter } from "@orderflow/common/messaging/events-router";
import { createPublisher } from "@orderflow/common/messaging/publisher";
import { ensureStreams } from "@orderflow/common/messaging/streams";
import { createLogger } from "@orderflow/common/observability/logger";
import { createMetrics } from "@orderflow/common/observability/metrics";
import type { ServiceContext } from "@orderflow/common/trpc/context";
import { trpcOptions } from "@orderflow/common/trpc/format-error";
import { initTRPC } from "@trpc/server";
import { createTestDatabase } from "./test-database.ts";
import { testKeys } from "./test-keys.ts";

export type TestProducer = {
  url: string;
  /** Commits the facts and tells the broker, as a service does. */
  append(facts: Fact[]): Promise<Event[]>;
  /** Tells the broker again what it was told before. */
  publish(events: Event[]): void;
  headOf(stream: string): Promise<number>;
  close(): Promise<void>;
};

type Options = { service: "order" | "inventory" | "worker"; streams: [string, ...string[]] };

/** Stands in for a neighbour whose events are listened to: its log in PostgreSQL, the real broker, and `/internal`. */
export async function createTestProducer({ service, streams }: Options): Promise<TestProducer> {
  const database = await createTestDatabase({ service });
  const { sql } = database;
  await ensureStreams(sql, streams);
  const instance = `producer-${crypto.randomUUID()}`;
  const logger = createLogger({ service, instance, level: "silent" });
  const metrics = createMetrics({ service, instance, defaults: false });
  const broker = connectBroker({ url: process.env.TEST_MQTT_URL ?? "", clientId: instance, logger, metrics });
  const publisher = createPublisher({ broker, logger, metrics });
  const { publicKeys } = await testKeys();
  const t = initTRPC.context<ServiceContext>().create(trpcOptions);
  const door = await openService({
    config: { service, instance, host: "127.0.0.1", port: 0 },
    logger,
    metrics,
    checks: {},
    publicRouter: t.router({}),
    internalRouter: t.router({ events: createEventsRouter(sql, streams) }),
    verifier: createTokenVerifier({ audience: ["orderflow", service], publicKeys }),
    createContext: (scope) => scope,
  });
  return {
    url: door.url,
    async append(facts) {
      const events = await transact(sql, (tx) => appendEvents(tx, facts));
      publisher.publish(events);
      return events;
    },
    publish: publisher.publish,
    async headOf(stream) {
      const [row]: { head: string }[] = await sql`select head from stream where name = ${stream}`;
      return Number(row?.head);
    },
    async close() {
      await door.close();
      await broker.close();
      await database.drop();
    },
  };
}
