import { type Auditor, createAuditor } from "@orderflow/common/audit/create-auditor";
import { createTokenSigner, createTokenVerifier } from "@orderflow/common/auth/internal-token";
import type { DeadLetterContext } from "@orderflow/common/messaging/dead-letters/dead-letter-router";
import { createDeadLetters } from "@orderflow/common/messaging/dead-letters/dead-letters";
import { createPublisher } from "@orderflow/common/messaging/publisher";
import { watchStreamHeads } from "@orderflow/common/messaging/stream-metrics";
import { registerReaders } from "@orderflow/common/messaging/stream-readers";
import { ensureStreams } from "@orderflow/common/messaging/streams";
import { createPeers } from "@orderflow/common/resilience/peers";
import { openPlumbing } from "@orderflow/common/service/open-plumbing";
import { applyCommon } from "@orderflow/common/settings/apply-common";
import { followSettings } from "@orderflow/common/settings/follow-settings";
import type { InventoryConfig } from "./config.ts";
import { createAppliers } from "./handlers/consumers.ts";
import { countingStock } from "./handlers/count-stock.ts";
import { inventoryInvariants } from "./repositories/audit.ts";
import { createMovements, type Movements } from "./repositories/movements.ts";
import { createProductChanges, type ProductChanges } from "./repositories/product-changes.ts";
import { createProducts, type Products } from "./repositories/products.ts";
import { createStockChanges } from "./repositories/stock-changes.ts";

/** What a procedure may use. */
export type InventoryContext = DeadLetterContext & {
  products: Products;
  productChanges: ProductChanges;
  movements: Movements;
  audit: Auditor;
};

export type Context = Awaited<ReturnType<typeof createContext>>;

/** Connects all this service uses. Rejects when the database is away or may lose what it acknowledged. */
export async function createContext(config: InventoryConfig, { now = () => new Date() } = {}) {
  const { service } = config;
  const { logger, metrics, tracing, sql, broker } = await openPlumbing(config, async (database) => {
    await ensureStreams(database, ["inventory"]);
    await registerReaders(database, { inventory: ["notify", "order"] });
  });
  const urls = { order: config.orderUrls, worker: config.workerUrls };
  const peers = createPeers({ config, urls, broker, logger, metrics });
  const settings = followSettings({ service: "inventory", config, broker, logger, metrics });
  settings.onApply(applyCommon({ config, logger, tracing, peers }));
  const publisher = countingStock(createPublisher({ broker, logger, metrics }), metrics);
  watchStreamHeads({ sql, metrics });
  const publicKeys = config.servicePublicKeys;
  let { lowStockThreshold } = config;
  settings.onApply((values) => {
    lowStockThreshold = values.lowStockThreshold ?? config.lowStockThreshold;
  });
  const stockRules = { lowStockThreshold: () => lowStockThreshold, now };
  const stockChanges = createStockChanges(stockRules);
  const appliers = createAppliers({ stockChanges, now });

  return {
    config,
    logger,
    metrics,
    sql,
    broker,
    peers,
    settings,
    publisher,
    now,
    signer: createTokenSigner({ issuer: service, privateKey: config.servicePrivateKey }),
    verifier: createTokenVerifier({ audience: ["orderflow", service], publicKeys }),
    products: createProducts(sql),
    productChanges: createProductChanges({ sql, publisher, metrics, ...stockRules }),
    movements: createMovements(sql),
    audit: createAuditor(sql, inventoryInvariants),
    stockChanges,
    appliers,
    deadLetters: createDeadLetters({ sql, appliers, publisher, logger, metrics }),
    /** After the doors are closed. */
    async close() {
      await settings.close();
      await broker.close();
      await sql.close({ timeout: 5 });
      await tracing.stop();
    },
  };
}
