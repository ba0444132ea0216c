import { type ConfigOf, type Environment, readConfig, setting } from "@orderflow/common/config/read-config";
import { eventRetentionSetting, retentionSettings } from "@orderflow/common/config/retention-settings";
import { healthPort, integer, neighbourUrls, serviceSettings } from "@orderflow/common/config/service-settings";
import { z } from "zod";

const dayMs = 86_400_000;

const settings = {
  ...serviceSettings({ service: "worker", port: 3004 }),
  healthPort: healthPort(3014),
  ...retentionSettings(),
  eventRetentionHours: eventRetentionSetting(),
  orderUrls: neighbourUrls("order", 3001),
  jobConcurrency: setting("JOB_CONCURRENCY", integer({ min: 1, max: 100 }).default(20)),
  carrierTimeoutMs: setting("CARRIER_TIMEOUT_MS", integer({ min: 1, max: 30_000 }).default(5_000)),
  /** From the booking to the dispatch, and from there to the delivery. */
  carrierDispatchDelayMs: setting("CARRIER_DISPATCH_DELAY_MS", integer({ min: 0, max: 30 * dayMs }).default(2_000)),
  carrierDeliveryDelayMs: setting("CARRIER_DELIVERY_DELAY_MS", integer({ min: 0, max: 30 * dayMs }).default(2_000)),
  /** Of the simulated carrier. */
  carrierLatencyMs: setting("CARRIER_LATENCY_MS", integer({ min: 0, max: 10_000 }).default(10)),
  carrierFailureRatio: setting(
    "CARRIER_FAILURE_RATIO",
    z.coerce.number("expected a number from 0 to 1").min(0).max(1).default(0),
  ),
};

export type WorkerConfig = ConfigOf<typeof settings>;

/** @throws ConfigError that names every variable that is wrong. */
export function readWorkerConfig(environment: Environment = process.env): WorkerConfig {
  return readConfig(environment, settings);
}

/** All that migrating needs. */
export function readMigrationConfig(environment: Environment = process.env): Pick<WorkerConfig, "databaseUrl"> {
  return readConfig(environment, { databaseUrl: settings.databaseUrl });
}
