import { type ConfigOf, type Environment, readConfig, setting } from "@orderflow/common/config/read-config";
import { optionalRetentionDays, retentionSettings } from "@orderflow/common/config/retention-settings";
import { healthPort, integer, neighbourUrls, serviceSettings } from "@orderflow/common/config/service-settings";
import { z } from "zod";

const SmtpUrl = z.string().regex(/^smtps?:\/\/./, "expected a URL such as smtp://user:password@127.0.0.1:1025");

const settings = {
  ...serviceSettings({ service: "notify", port: 3003 }),
  healthPort: healthPort(3013),
  ...retentionSettings(),
  deliveryRetentionDays: optionalRetentionDays("DELIVERY_RETENTION_DAYS"),
  orderUrls: neighbourUrls("order", 3001),
  inventoryUrls: neighbourUrls("inventory", 3002),
  /** Mails under way at once, which is also how many a kill may double at most. */
  jobConcurrency: setting("JOB_CONCURRENCY", integer({ min: 1, max: 100 }).default(20)),
  smtpUrl: setting("SMTP_URL", SmtpUrl.default("smtp://127.0.0.1:1025")),
  /** For one mail, connection included. */
  smtpTimeoutMs: setting("SMTP_TIMEOUT_MS", integer({ min: 100, max: 50_000 }).default(20_000)),
  mailFrom: setting(
    "MAIL_FROM",
    z
      .string()
      .regex(/^[^\r\n]*@[^\r\n]+$/, "expected a mailbox such as orderflow <shop@example.com>")
      .default("orderflow <shop@orderflow.example>"),
  ),
  /** Who is told of low stock; nobody when it is not set. */
  operationsEmail: setting("OPERATIONS_EMAIL", z.email("expected an e-mail address").optional()),
};

export type NotifyConfig = ConfigOf<typeof settings>;

/** @throws ConfigError that names every variable that is wrong. */
export function readNotifyConfig(environment: Environment = process.env): NotifyConfig {
  return readConfig(environment, settings);
}

/** All that migrating needs. */
export function readMigrationConfig(environment: Environment = process.env): Pick<NotifyConfig, "databaseUrl"> {
  return readConfig(environment, { databaseUrl: settings.databaseUrl });
}
