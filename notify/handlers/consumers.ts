import type { TokenSigner } from "@orderflow/common/auth/internal-token";
import type { Apply } from "@orderflow/common/messaging/batch-commit";
import type { Broker } from "@orderflow/common/messaging/broker";
import { type Consumer, createConsumer } from "@orderflow/common/messaging/consumer";
import type { Publisher } from "@orderflow/common/messaging/publisher";
import { readRemote } from "@orderflow/common/messaging/remote-stream";
import type { Logger } from "@orderflow/common/observability/logger";
import type { Metrics } from "@orderflow/common/observability/metrics";
import type { SQL } from "bun";
import { announceLowStocks } from "./announce-low-stocks.ts";
import { announceOrders } from "./announce-orders.ts";

type ConsumerContext = {
  config: { databaseUrl: string; orderUrl: string; inventoryUrl: string };
  sql: SQL;
  broker: Broker;
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
  const { config, signer, appliers } = context;
  const { databaseUrl } = config;
  const listensTo = [
    { stream: "order", producer: "order", url: config.orderUrl, apply: appliers.order },
    {
      stream: "inventory",
      producer: "inventory",
      url: config.inventoryUrl,
      apply: appliers.inventory,
    },
  ];
  return listensTo.map(({ stream, producer, url, apply }) =>
    createConsumer({
      ...context,
      stream,
      apply,
      databaseUrl,
      readPage: readRemote({ stream, producer, url, reader: "notify", signer }),
    }),
  );
}
