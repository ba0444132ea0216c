import { createAuditor } from "@orderflow/common/audit/create-auditor";
import { createTokenSigner, createTokenVerifier } from "@orderflow/common/auth/internal-token";
import { createDeadLetters } from "@orderflow/common/messaging/dead-letters/dead-letters";
import { createPublisher } from "@orderflow/common/messaging/publisher";
import { createPeers } from "@orderflow/common/resilience/peers";
import { openPlumbing } from "@orderflow/common/service/open-plumbing";
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
  const { service, servicePrivateKey, servicePublicKeys } = config;
  const { logger, metrics, tracing, sql, broker } = await openPlumbing(config);
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
    deliveries: createDeliveries({ sql, metrics }),
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
