import { createTokenSigner, type TokenSigner } from "@orderflow/common/auth/internal-token";
import { assertDurable, connectDatabase } from "@orderflow/common/database/connect-database";
import { createLogger, type Logger } from "@orderflow/common/observability/logger";
import { createMetrics, type Metrics } from "@orderflow/common/observability/metrics";
import { startTracing } from "@orderflow/common/observability/tracing";
import type { SQL } from "bun";
import type { GatewayConfig } from "./config.ts";
import { type Auth, createAuth, jwtAlgorithm } from "./handlers/authentication/create-auth.ts";
import { inTime } from "./handlers/authentication/in-time.ts";
import { type CallerResolver, createCallerResolver } from "./handlers/authentication/resolve-caller.ts";
import { createJwtVerifier } from "./handlers/authentication/verify-jwt.ts";
import { createUpstream, type Upstream } from "./providers/upstream.ts";
import { accountsStore } from "./repositories/accounts-store.ts";

export type Context = {
  config: GatewayConfig;
  logger: Logger;
  metrics: Metrics;
  sql: SQL;
  auth: Auth;
  resolveCaller: CallerResolver;
  signer: TokenSigner;
  /** By the name that a procedure's begins with. */
  upstreams: ReadonlyMap<string, Upstream>;
  /** Pages of these may use the session cookie and read answers. */
  origins: ReadonlySet<string>;
  callDeadlineMs: number;
  accountsDeadlineMs: number;
  now: () => Date;
  close(): Promise<void>;
};

type Deadlines = { callDeadlineMs?: number; accountsDeadlineMs?: number };

/** Everything the gateway uses. Throws when its database may lose what it acknowledged. */
export async function createContext(config: GatewayConfig, deadlines: Deadlines = {}): Promise<Context> {
  const { callDeadlineMs = 10_000, accountsDeadlineMs = 5_000 } = deadlines;
  const { service, instance, servicePrivateKey, publicUrl } = config;
  const logger = createLogger({ service, instance, level: config.logLevel, pretty: config.logPretty });
  const metrics = createMetrics({ service, instance });
  const tracing = startTracing({
    service,
    instance,
    endpoint: config.otlpEndpoint,
    sampleRatio: config.traceSampleRatio,
  });
  const sql = connectDatabase({ url: config.databaseUrl, max: config.databasePoolSize, name: instance });
  await assertDurable(sql, { allowUnsafe: config.allowUnsafeDatabase });
  const now = () => new Date();
  const auth = createAuth({ store: accountsStore(sql), logger, config });
  // Makes the first signing key now: the first callers would make one each.
  await auth.api.getJwks();
  const origins = new Set([publicUrl, ...config.trustedOrigins]);
  const jwts = createJwtVerifier({
    loadKeys: () => inTime(auth.api.getJwks(), accountsDeadlineMs),
    publicUrl,
    algorithm: jwtAlgorithm,
    now,
  });
  const readSession = (headers: Headers) => inTime(auth.api.getSession({ headers }), accountsDeadlineMs);
  return {
    config,
    logger,
    metrics,
    sql,
    auth,
    origins,
    now,
    callDeadlineMs,
    accountsDeadlineMs,
    resolveCaller: createCallerResolver({ jwts, readSession, origins }),
    signer: createTokenSigner({ issuer: service, privateKey: servicePrivateKey }),
    upstreams: createUpstreams(config, metrics),
    async close() {
      await sql.close({ timeout: 5 });
      await tracing.stop();
    },
  };
}

function createUpstreams(config: GatewayConfig, metrics: Metrics): Map<string, Upstream> {
  const { orderUrls, inventoryUrls, notifyUrls, workerUrls } = config;
  const services = { order: orderUrls, inventory: inventoryUrls, notify: notifyUrls, worker: workerUrls };
  return new Map(
    Object.entries(services).map(([service, urls]) => [service, createUpstream({ service, urls, metrics })]),
  );
}
