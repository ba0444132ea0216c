import type { SQL } from "bun";
import type { ConfigOf } from "../config/read-config.ts";
import type { serviceSettings } from "../config/service-settings.ts";
import { assertDurable, connectDatabase } from "../database/connect-database.ts";
import { watchPool } from "../database/watch-pool.ts";
import { presenceTopic } from "../discovery/presence.ts";
import { type Broker, connectBroker } from "../messaging/broker.ts";
import { brokerSettings } from "../messaging/broker-settings.ts";
import { createLogger, type Logger } from "../observability/logger.ts";
import { createMetrics, type Metrics } from "../observability/metrics.ts";
import { startTracing, type Tracing } from "../observability/start-tracing.ts";

/** What any service needs, whatever it is for. */
export type Plumbing = { logger: Logger; metrics: Metrics; tracing: Tracing; sql: SQL; broker: Broker };

/**
 * Begins to log, measure and trace, and connects database and broker; `prepare` sees to the database first. Rejects when
 * that is away, or may lose what it acknowledged. The broker may be away.
 */
export async function openPlumbing(
  config: ConfigOf<ReturnType<typeof serviceSettings>>,
  prepare: (sql: SQL) => Promise<void> = async () => {},
): Promise<Plumbing> {
  const { service, instance } = config;
  const logger = createLogger({ service, instance, level: config.logLevel, pretty: config.logPretty });
  const metrics = createMetrics({ service, instance });
  const sampling = { endpoint: config.otlpEndpoint, sampleRatio: config.traceSampleRatio };
  const tracing = await startTracing({ service, instance, ...sampling });
  const sql = connectDatabase({ url: config.databaseUrl, max: config.databasePoolSize, name: instance });
  watchPool(sql, { max: config.databasePoolSize, metrics });
  try {
    await assertDurable(sql, { allowUnsafe: config.allowUnsafeDatabase });
    await prepare(sql);
  } catch (error) {
    await sql.close({ timeout: 0 });
    throw error;
  }
  const clearOnLoss = presenceTopic(service, instance);
  const broker = connectBroker({ ...brokerSettings(config), clientId: instance, logger, metrics, clearOnLoss });
  return { logger, metrics, tracing, sql, broker };
}
