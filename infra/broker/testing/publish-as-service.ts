import { createServiceKeys } from "@orderflow/common/auth/key-pair";
import { readConfig } from "@orderflow/common/config/read-config";
import { serviceSettings } from "@orderflow/common/config/service-settings";
import { connectBroker } from "@orderflow/common/messaging/broker";
import { brokerSettings } from "@orderflow/common/messaging/broker-settings";
import { createLogger } from "@orderflow/common/observability/logger";
import { createMetrics } from "@orderflow/common/observability/metrics";

/** Connects as a service does, with these settings (JSON) as its environment, and says what comes of publishing two streams. */
const { privateKeys, publicKeys } = await createServiceKeys(["order"]);
const environment = {
  ...(JSON.parse(process.argv[2] ?? "{}") as Record<string, string>),
  DATABASE_URL: "postgres://unused/unused",
  SERVICE_PRIVATE_KEY: privateKeys.order,
  SERVICE_PUBLIC_KEYS: publicKeys,
};
const config = readConfig(environment, serviceSettings({ service: "order", port: 0 }));
const broker = connectBroker({
  ...brokerSettings(config),
  clientId: "order-1",
  logger: createLogger({ service: "order", instance: "order-1", level: "silent" }),
  metrics: createMetrics({ service: "order", instance: "order-1", defaults: false }),
});
const connected = Promise.withResolvers<void>();
broker.onConnect(connected.resolve);
await connected.promise;
const outcome = (stream: string) =>
  broker.publish(`orderflow/v1/evt/${stream}`, "x", {}).then(
    () => "published",
    () => "refused",
  );
console.log(JSON.stringify({ order: await outcome("order"), inventory: await outcome("inventory") }));
process.exit(0);
