import { createAuditor } from "@orderflow/common/audit/create-auditor";
import { createTokenSigner, createTokenVerifier } from "@orderflow/common/auth/internal-token";
import { assertDurable, connectDatabase } from "@orderflow/common/database/connect-database";
import { watchPool } from "@orderflow/common/database/watch-pool";
import { presenceTopic } from "@orderflow/common/discovery/presence";
import { connectBroker } from "@orderflow/common/messaging/broker";
import { brokerSettings } from "@orderflow/common/messaging/broker-settings";
import { createDeadLetters } from "@orderflow/common/messaging/dead-letters/dead-letters";
import { createPublisher } from "@orderflow/common/messaging/publisher";
import { createLogger } from "@orderflow/common/observability/logger";
import { createMetrics } from "@orderflow/common/observability/metrics";
import { startTracing } from "@orderflow/common/observability/tracing";
import { createPeers } from "@orderflow/common/resilience/peers";
import { applyCommon } from "@orderflow/common/settings/apply-common";
import { followSettings } from "@orderflow/common/settings/follow-settings";
import type { NotifyConfig } from "./config.ts";
import { createAppliers } from "./handlers/consumers.ts";
import { faultyMailer } from "./providers/faulty-mailer.ts";
import { createSmtpMailer } from "./providers/smtp-mailer.ts";
import { notifyInvariants } from "./repositories/audit.ts";
import { createDeliveries } from "./repositories/deliveries.ts";

const maxJobConcurrency = 100;

export type NotifyContext = Awaited<ReturnType<typeof createContext>>;

/** Which concrete thing is used. Rejects when the database is away or may forget what it acknowledged. */
export async function createContext(config: NotifyConfig, { now = () => new Date() }: { now?: () => Date } = {}) {
  const { service, instance, servicePrivateKey, servicePublicKeys } = config;
  const tracing = startTracing({
    service,
    instance,
    endpoint: config.otlpEndpoint,
    sampleRatio: config.traceSampleRatio,
  });
  const logger = createLogger({ service, instance, level: config.logLevel, pretty: config.logPretty });
  const metrics = createMetrics({ service, instance });
  const sql = connectDatabase({ url: config.databaseUrl, max: config.databasePoolSize, name: instance });
  watchPool(sql, { max: config.databasePoolSize, metrics });
  try {
    await assertDurable(sql, { allowUnsafe: config.allowUnsafeDatabase });
  } catch (error) {
    await sql.close();
    throw error;
  }
  const clearOnLoss = presenceTopic(service, instance);
  const broker = connectBroker({ ...brokerSettings(config), clientId: instance, logger, metrics, clearOnLoss });
  const urls = { order: config.orderUrls, inventory: config.inventoryUrls };
  const peers = createPeers({ config, urls, broker, logger, metrics });
  const settings = followSettings({ service: "notify", config, broker, logger, metrics });
  settings.onApply(applyCommon({ config, logger, tracing, peers }));
  const publisher = createPublisher({ broker, logger, metrics });
  const appliers = createAppliers({ operationsEmail: config.operationsEmail, now });
  let failureRatio = 0;
  settings.onApply(({ smtpFailureRatio = 0 }) => {
    failureRatio = smtpFailureRatio;
  });
  const smtpMailer = createSmtpMailer({
    url: config.smtpUrl,
    from: config.mailFrom,
    timeoutMs: config.smtpTimeoutMs,
    // As many as there may be jobs, each of which sends one mail at a time.
    connections: maxJobConcurrency,
  });
  const mailer = faultyMailer(smtpMailer, { failureRatio: () => failureRatio });
  return {
    config,
    logger,
    metrics,
    sql,
    broker,
    peers,
    settings,
    publisher,
    appliers,
    audit: createAuditor(sql, notifyInvariants),
    deadLetters: createDeadLetters({ sql, appliers, publisher, logger, metrics }),
    signer: createTokenSigner({ issuer: service, privateKey: servicePrivateKey }),
    verifier: createTokenVerifier({ audience: ["orderflow", service], publicKeys: servicePublicKeys }),
    mailer,
    deliveries: createDeliveries(sql),
    now,
    async close() {
      mailer.close();
      await settings.close();
      await broker.close();
      await sql.close();
      await tracing.stop();
    },
  };
}
