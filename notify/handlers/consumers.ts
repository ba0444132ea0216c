import type { TokenSigner } from "@orderflow/common/auth/internal-token";
import type { Apply } from "@orderflow/common/messaging/batch-commit";
import { unhurriedGatherMs } from "@orderflow/common/messaging/bounds";
import type { Broker } from "@orderflow/common/messaging/broker";
import { type Consumer, createConsumer } from "@orderflow/common/messaging/consumer";
import { createLeaderships } from "@orderflow/common/messaging/leadership";
import type { Publisher } from "@orderflow/common/messaging/publisher";
import { remoteStream } from "@orderflow/common/messaging/remote-stream";
import type { Logger } from "@orderflow/common/observability/logger";
import type { Metrics } from "@orderflow/common/observability/metrics";
import type { Peers } from "@orderflow/common/resilience/peers";
import type { SQL } from "bun";
import { announceLowStocks } from "./announce-low-stocks.ts";
import { announceOrders } from "./announce-orders.ts";

type ConsumerContext = {
  config: { databaseUrl: string; instance: string };
  sql: SQL;
  broker: Broker;
  peers: Peers;
  publisher: Publisher;
  signer: TokenSigner;
  logger: Logger;
  metrics: Metrics;
  appliers: Appliers;
};

export type Appliers = { order: Apply; inventory: Apply };

/** How each stream that notify listens to is applied. */
export function createAppliers(options: { operationsEmail: string | undefined; now: () => Date }): Appliers {
  return { order: announceOrders(options), inventory: announceLowStocks(options) };
}

/** All that notify listens to. */
export function createConsumers(context: ConsumerContext): Consumer[] {
  const { config, logger, peers, signer, appliers } = context;
  const leaderships = createLeaderships({ ...config, logger });
  const listensTo = [
    { stream: "order", apply: appliers.order },
    { stream: "inventory", apply: appliers.inventory },
  ];
  return listensTo.map(({ stream, apply }) =>
    createConsumer({
      ...context,
      ...remoteStream({ stream, producer: stream, peers, reader: "notify", signer }),
      apply,
      gatherMs: unhurriedGatherMs,
      leaderships,
    }),
  );
}
