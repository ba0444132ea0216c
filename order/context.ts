import { createAuditor } from "@orderflow/common/audit/create-auditor";
import { createTokenSigner, createTokenVerifier, type TokenVerifier } from "@orderflow/common/auth/internal-token";
import type { Broker } from "@orderflow/common/messaging/broker";
import type { DeadLetters } from "@orderflow/common/messaging/dead-letters/dead-letters";
import { createDeadLetters } from "@orderflow/common/messaging/dead-letters/dead-letters";
import type { Event } from "@orderflow/common/messaging/event";
import { createGroupCommit } from "@orderflow/common/messaging/group-commit";
import { createPublisher, type Publisher } from "@orderflow/common/messaging/publisher";
import { readEvents } from "@orderflow/common/messaging/read";
import { type RemoteStream, remoteStream } from "@orderflow/common/messaging/remote-stream";
import { watchStreamHeads } from "@orderflow/common/messaging/stream-metrics";
import { registerReaders } from "@orderflow/common/messaging/stream-readers";
import { ensureStreams } from "@orderflow/common/messaging/streams";
import type { Logger } from "@orderflow/common/observability/logger";
import type { Metrics } from "@orderflow/common/observability/metrics";
import { createPeers, type Peers } from "@orderflow/common/resilience/peers";
import { openPlumbing } from "@orderflow/common/service/open-plumbing";
import { applyCommon } from "@orderflow/common/settings/apply-common";
import { followSettings, type SettingsFollower } from "@orderflow/common/settings/follow-settings";
import type { SQL } from "bun";
import type { OrderConfig } from "./config.ts";
import type { Order } from "./domain/order.ts";
import { type Appliers, createAppliers } from "./handlers/consumers.ts";
import { createOrderCounters } from "./handlers/count-orders.ts";
import { createLiveOrders } from "./handlers/live-orders.ts";
import { createPlaceBatch, type PlaceCall } from "./handlers/place-batch.ts";
import { orderReaders, orderStreams } from "./handlers/router.ts";
import type { OrderHandling } from "./handlers/trpc.ts";
import { createInventory, type Inventory } from "./providers/inventory.ts";
import { orderInvariants } from "./repositories/audit.ts";
import type { Change } from "./repositories/change-many.ts";
import { createOrderRepository } from "./repositories/order-repository.ts";

/** Who order talks to. */
type Neighbours = { inventory: Inventory; inventoryStream: RemoteStream; workerStream: RemoteStream };

export type OrderContext = {
  config: OrderConfig;
  logger: Logger;
  metrics: Metrics;
  sql: SQL;
  broker: Broker;
  peers: Peers;
  /** The central ones. */
  settings: SettingsFollower;
  /** Tells the broker, and those who watch an order in this process. */
  publisher: Publisher;
  verifier: TokenVerifier;
  neighbours: Neighbours;
  handling: OrderHandling;
  /** How each stream that order listens to is applied. */
  appliers: Appliers;
  deadLetters: DeadLetters;
  close(): Promise<void>;
};

/** What a test puts in the place of the real thing. */
export type Overrides = Partial<Neighbours> & { now?: () => Date };

/** Throws when the database is away, is not migrated, or may forget what it acknowledged. */
export async function createContext(config: OrderConfig, overrides: Overrides = {}): Promise<OrderContext> {
  const { service } = config;
  const { logger, metrics, tracing, sql, broker } = await openPlumbing(config, async (database) => {
    await ensureStreams(database, [...orderStreams]);
    await registerReaders(database, orderReaders);
  });
  const { inventoryUrls: inventory, workerUrls: worker } = config;
  const peers = createPeers({ config, urls: { inventory, worker }, broker, logger, metrics });
  const settings = followSettings({ service: "order", config, broker, logger, metrics });
  settings.onApply(applyCommon({ config, logger, tracing, peers }));
  const neighbours = { ...createNeighbours(config, peers), ...overrides };
  const wired = wireHandling({
    config,
    sql,
    logger,
    metrics,
    broker,
    neighbours,
    now: overrides.now ?? (() => new Date()),
  });
  return {
    config,
    logger,
    metrics,
    sql,
    broker,
    peers,
    settings,
    neighbours,
    ...wired,
    verifier: createTokenVerifier({ audience: ["orderflow", service], publicKeys: config.servicePublicKeys }),
    async close() {
      wired.handling.live.close();
      await settings.close();
      await broker.close();
      await sql.close({ timeout: 5 });
      await tracing.stop();
    },
  };
}

function createNeighbours(config: OrderConfig, peers: Peers): Neighbours {
  const { service: reader } = config;
  const signer = createTokenSigner({ issuer: reader, privateKey: config.servicePrivateKey });
  return {
    inventory: createInventory({ peers, signer }),
    inventoryStream: remoteStream({ stream: "inventory", producer: "inventory", peers, reader, signer }),
    workerStream: remoteStream({ stream: "worker", producer: "worker", peers, reader, signer }),
  };
}

type Parts = Pick<OrderContext, "config" | "sql" | "logger" | "metrics" | "broker" | "neighbours"> & {
  now: () => Date;
};

function wireHandling({ config, sql, logger, metrics, broker, neighbours, now }: Parts) {
  const toBroker = createPublisher({ broker, logger, metrics });
  const counters = createOrderCounters(metrics);
  watchStreamHeads({ sql, metrics });
  const announce = (events: Event[]) => {
    toBroker.publish(events);
    live.notify(events);
    counters.told(events);
  };
  const orders = createOrderRepository(sql, announce);
  const live = createLiveOrders({
    ...config,
    versions: orders.versions,
    readPage: (after, limit) => readEvents(sql, { stream: "order", after, limit }),
    onError: (error) => logger.warn({ err: error }, "Watched orders could not be looked up"),
  });
  const placeBatch = createPlaceBatch({ orders, inventory: neighbours.inventory });
  const run = async (calls: PlaceCall[]) => counters.answered(await placeBatch(calls));
  const place = createGroupCommit<PlaceCall, Order>({ name: "order.place", run, metrics });
  // One lane: with the two of placing and the consumers, more would only queue at the stream's row.
  const change = createGroupCommit<Change, Order>({ name: "order.change", run: orders.updateMany, lanes: 1, metrics });
  const publisher = { publish: announce };
  const appliers = createAppliers({ orders, now });
  return {
    publisher,
    handling: { orders, place, change, live, audit: createAuditor(sql, orderInvariants), now },
    appliers,
    deadLetters: createDeadLetters({ sql, appliers, publisher, logger, metrics }),
  };
}
