import { type ConfigOf, type Environment, readConfig, setting } from "@orderflow/common/config/read-config";
import {
  eventRetentionSetting,
  optionalRetentionDays,
  retentionSettings,
} from "@orderflow/common/config/retention-settings";
import { healthPort, integer, neighbourUrls, serviceSettings } from "@orderflow/common/config/service-settings";

const settings = {
  ...serviceSettings({ service: "order", port: 3001 }),
  healthPort: healthPort(3011),
  ...retentionSettings(),
  eventRetentionHours: eventRetentionSetting(),
  timelineRetentionDays: optionalRetentionDays("TIMELINE_RETENTION_DAYS"),
  inventoryUrls: neighbourUrls("inventory", 3002),
  workerUrls: neighbourUrls("worker", 3004),
  maxSubscriptions: setting("MAX_SUBSCRIPTIONS", integer({ min: 1, max: 1_000_000 }).default(10_000)),
  maxSubscriptionsPerCaller: setting("MAX_SUBSCRIPTIONS_PER_CALLER", integer({ min: 1, max: 1_000_000 }).default(50)),
};

export type OrderConfig = ConfigOf<typeof settings>;

export function readOrderConfig(environment: Environment = process.env): OrderConfig {
  return readConfig(environment, settings);
}

/** What the migrations need. */
export function readMigrationConfig(environment: Environment = process.env) {
  return readConfig(environment, { databaseUrl: settings.databaseUrl });
}
