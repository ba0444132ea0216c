import { type ConfigOf, readConfig, setting } from "@orderflow/common/config/read-config";
import { eventRetentionSetting, retentionSettings } from "@orderflow/common/config/retention-settings";
import { healthPort, integer, neighbourUrls, serviceSettings } from "@orderflow/common/config/service-settings";

const common = serviceSettings({ service: "inventory", port: 3002 });

const settings = {
  ...common,
  healthPort: healthPort(3012),
  ...retentionSettings(),
  eventRetentionHours: eventRetentionSetting(),
  orderUrls: neighbourUrls("order", 3001),
  workerUrls: neighbourUrls("worker", 3004),
  /** Available units at or below which stock.low is told. */
  lowStockThreshold: setting("LOW_STOCK_THRESHOLD", integer({ min: 0, max: 1_000_000 }).default(5)),
};

export type InventoryConfig = ConfigOf<typeof settings>;

export function readInventoryConfig(env = process.env): InventoryConfig {
  return readConfig(env, settings);
}

/** For commands that need nothing but the database. */
export function readInventoryDatabaseUrl(env = process.env): string {
  return readConfig(env, { databaseUrl: common.databaseUrl }).databaseUrl;
}
