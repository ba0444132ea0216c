import { type ConfigOf, type Environment, readConfig, setting } from "@orderflow/common/config/read-config";
import { HttpUrl, serviceSettings } from "@orderflow/common/config/service-settings";

const settings = {
  ...serviceSettings({ service: "order", port: 3001 }),
  inventoryUrl: setting("INVENTORY_URL", HttpUrl.default("http://127.0.0.1:3002")),
  workerUrl: setting("WORKER_URL", HttpUrl.default("http://127.0.0.1:3004")),
};

export type OrderConfig = ConfigOf<typeof settings>;

export function readOrderConfig(environment: Environment = process.env): OrderConfig {
  return readConfig(environment, settings);
}

/** What the migrations need. */
export function readMigrationConfig(environment: Environment = process.env) {
  return readConfig(environment, { databaseUrl: settings.databaseUrl });
}
