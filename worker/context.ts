import { createAuditor } from "@orderflow/common/audit/create-auditor";
import { createTokenSigner, createTokenVerifier } from "@orderflow/common/auth/internal-token";
import { createDeadLetters } from "@orderflow/common/messaging/dead-letters/dead-letters";
import { createPublisher } from "@orderflow/common/messaging/publisher";
import { watchStreamHeads } from "@orderflow/common/messaging/stream-metrics";
import { registerReaders } from "@orderflow/common/messaging/stream-readers";
import { ensureStreams } from "@orderflow/common/messaging/streams";
import { createPeers } from "@orderflow/common/resilience/peers";
import { openPlumbing } from "@orderflow/common/service/open-plumbing";
import { applyCommon } from "@orderflow/common/settings/apply-common";
import { followSettings } from "@orderflow/common/settings/follow-settings";
import type { WorkerConfig } from "./config.ts";
import { createAppliers } from "./handlers/consumers.ts";
import { boundedCarrier } from "./providers/bounded-carrier.ts";
import type { Carrier } from "./providers/carrier.ts";
import { createOrderDesk, type OrderDesk } from "./providers/order-desk.ts";
import { simulatedCarrier } from "./providers/simulated-carrier.ts";
import { workerInvariants } from "./repositories/audit.ts";
import { createShipments } from "./repositories/shipments.ts";

/** What a test puts in place of the real thing. */
export type Replacements = { carrier?: Carrier; orders?: OrderDesk; now?: () => Date };

export type WorkerContext = Awaited<ReturnType<typeof createContext>>;

/** Which concrete thing is used. Rejects when the database is away or may forget what it acknowledged. */
export async function createContext(config: WorkerConfig, replaced: Replacements = {}) {
  const { service, servicePrivateKey, servicePublicKeys } = config;
  const { logger, metrics, tracing, sql, broker } = await openPlumbing(config, async (database) => {
    await ensureStreams(database, ["worker"]);
    await registerReaders(database, { worker: ["inventory", "order"] });
  });
  const urls = { order: config.orderUrls };
  const peers = createPeers({ config, urls, broker, logger, metrics });
  const settings = followSettings({ service: "worker", config, broker, logger, metrics });
  settings.onApply(applyCommon({ config, logger, tracing, peers }));
  const publisher = createPublisher({ broker, logger, metrics });
  watchStreamHeads({ sql, metrics });
  const signer = createTokenSigner({ issuer: service, privateKey: servicePrivateKey });
  const now = replaced.now ?? (() => new Date());
  const appliers = createAppliers({ now });
  let failureRatio = config.carrierFailureRatio;
  settings.onApply(({ carrierFailureRatio }) => {
    failureRatio = carrierFailureRatio ?? config.carrierFailureRatio;
  });
  const carrier =
    replaced.carrier ?? simulatedCarrier({ failureRatio: () => failureRatio, latencyMs: config.carrierLatencyMs });
  return {
    config,
    logger,
    metrics,
    sql,
    broker,
    peers,
    settings,
    publisher,
    signer,
    verifier: createTokenVerifier({ audience: ["orderflow", service], publicKeys: servicePublicKeys }),
    shipments: createShipments({ sql, publisher, metrics }),
    carrier: boundedCarrier(carrier, { timeoutMs: config.carrierTimeoutMs }),
    orders: replaced.orders ?? createOrderDesk({ peers, signer, metrics }),
    now,
    appliers,
    audit: createAuditor(sql, workerInvariants),
    deadLetters: createDeadLetters({ sql, appliers, publisher, logger, metrics }),
    async close() {
      await settings.close();
      await broker.close();
      await sql.close();
      await tracing.stop();
    },
  };
}
