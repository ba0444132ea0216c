import { type ConfigOf, type Environment, readConfig } from "@orderflow/common/config/read-config";
import { neighbourUrls, serviceSettings } from "@orderflow/common/config/service-settings";

const settings = {
  ...serviceSettings({ service: "order", port: 3001 }),
  inventoryUrls: neighbourUrls("inventory", 3002),
  workerUrls: neighbourUrls("worker", 3004),
};

export type OrderConfig = ConfigOf<typeof settings>;

export function readOrderConfig(environment: Environment = process.env): OrderConfig {
  return readConfig(environment, settings);
}

/** What the migrations need. */
export function readMigrationConfig(environment: Environment = process.env) {
  return readConfig(environment, { databaseUrl: settings.databaseUrl });
}
