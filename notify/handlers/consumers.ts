import type { TokenSigner } from "@orderflow/common/auth/internal-token";
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
  config: { databaseUrl: string; orderUrl: string; inventoryUrl: string; operationsEmail: string | undefined };
  sql: SQL;
  broker: Broker;
  publisher: Publisher;
  signer: TokenSigner;
  logger: Logger;
  metrics: Metrics;
  now: () => Date;
};

/** All that notify listens to. */
export function createConsumers(context: ConsumerContext): Consumer[] {
  const { config, signer, now } = context;
  const { databaseUrl, operationsEmail } = config;
  const listensTo = [
    { stream: "order", producer: "order", url: config.orderUrl, apply: announceOrders({ now }) },
    {
      stream: "inventory",
      producer: "inventory",
      url: config.inventoryUrl,
      apply: announceLowStocks({ operationsEmail, now }),
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
