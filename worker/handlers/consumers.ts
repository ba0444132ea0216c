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
import { cancelShipments } from "./cancel-shipments.ts";
import { fulfilOrders } from "./fulfil-orders.ts";

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

export type Appliers = { "order.commands.worker": Apply; order: Apply };

/** How each stream that worker listens to is applied. */
export function createAppliers(options: { now: () => Date }): Appliers {
  return { "order.commands.worker": fulfilOrders(options), order: cancelShipments(options) };
}

/** All that worker listens to. */
export function createConsumers(context: ConsumerContext): Consumer[] {
  const { config, logger, peers, signer, appliers } = context;
  const leaderships = createLeaderships({ ...config, logger });
  return Object.entries(appliers).map(([stream, apply]) =>
    createConsumer({
      ...context,
      ...remoteStream({ stream, producer: "order", peers, reader: "worker", signer }),
      apply,
      gatherMs: unhurriedGatherMs,
      leaderships,
    }),
  );
}
