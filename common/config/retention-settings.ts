import { setting } from "./read-config.ts";
import { integer } from "./service-settings.ts";

/** How long what nobody needs any more is kept all the same, and how often it is looked for. */
export function retentionSettings() {
  return {
    pruneIntervalS: pruneIntervalSetting(),
    idempotencyKeyRetentionDays: setting("IDEMPOTENCY_KEY_RETENTION_DAYS", integer({ min: 1, max: 3_650 }).default(30)),
  };
}

export function pruneIntervalSetting() {
  return setting("PRUNE_INTERVAL_S", integer({ min: 1, max: 86_400 }).default(600));
}

/** For a service that produces events. However short, what a reader has not applied is kept. */
export function eventRetentionSetting() {
  return setting("EVENT_RETENTION_HOURS", integer({ min: 0, max: 87_600 }).default(168));
}

/** Of what is kept for ever unless this is set. */
export function optionalRetentionDays(name: string) {
  return setting(name, integer({ min: 1, max: 36_500 }).optional());
}
