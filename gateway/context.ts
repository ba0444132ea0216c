import { createTokenSigner, type TokenSigner } from "@orderflow/common/auth/internal-token";
import type { Broker } from "@orderflow/common/messaging/broker";
import type { Logger } from "@orderflow/common/observability/logger";
import type { Metrics } from "@orderflow/common/observability/metrics";
import { createPeers, type Peers } from "@orderflow/common/resilience/peers";
import { openPlumbing } from "@orderflow/common/service/open-plumbing";
import { applyCommon } from "@orderflow/common/settings/apply-common";
import { createSubscriptionSeats, type SubscriptionSeats } from "@orderflow/common/trpc/subscription-seats";
import type { SQL } from "bun";
import { createAccess } from "./access.ts";
import type { GatewayConfig } from "./config.ts";
import { streamSeatsWithin } from "./domain/stream-seats.ts";
import { type Auth, createAuth } from "./handlers/authentication/create-auth.ts";
import type { CallerResolver } from "./handlers/authentication/resolve-caller.ts";
import type { LoadShedder } from "./handlers/limits/load-shedder.ts";
import type { RateLimits } from "./handlers/limits/rate-limits.ts";
import { keepSettings } from "./keep-settings.ts";
import { createGathering } from "./providers/gather-calls.ts";
import { openFileLimit } from "./providers/open-file-limit.ts";
import { createProcedureCatalog, type ProcedureCatalog } from "./providers/procedure-catalog.ts";
import { createUpstream, type Upstream } from "./providers/upstream.ts";
import { accountsStore } from "./repositories/accounts-store.ts";

export type Context = {
  config: GatewayConfig;
  logger: Logger;
  metrics: Metrics;
  sql: SQL;
  broker: Broker;
  peers: Peers;
  auth: Auth;
  resolveCaller: CallerResolver;
  /** What can be asked of the services. */
  catalog: ProcedureCatalog;
  limits: RateLimits;
  shedder: LoadShedder;
  signer: TokenSigner;
  /** By the name that a procedure's begins with. */
  upstreams: ReadonlyMap<string, Upstream>;
  /** Pages of these may use the session cookie and read answers. */
  origins: ReadonlySet<string>;
  streamSeats: SubscriptionSeats;
  callDeadlineMs: number;
  accountsDeadlineMs: number;
  /** How often it is looked whether the caller of an open stream may still have it. */
  recheckMs: number;
  /** How often the services are asked for their documents. */
  documentsRefreshMs: number;
  now: () => Date;
  close(): Promise<void>;
};

/** To one service; a subscription counts until its first byte. */
const maxCallsAtOnce = 1_000;

type Times = {
  callDeadlineMs?: number;
  accountsDeadlineMs?: number;
  recheckMs?: number;
  documentsRefreshMs?: number;
  gatherPatienceMs?: number;
  now?: () => Date;
};

/** Everything the gateway uses. Throws when its database may lose what it acknowledged. */
export async function createContext(config: GatewayConfig, times: Times = {}): Promise<Context> {
  const { callDeadlineMs = 10_000, accountsDeadlineMs = 5_000, documentsRefreshMs = 10_000 } = times;
  const { recheckMs = 10_000, gatherPatienceMs: patienceMs = 100, now = () => new Date() } = times;
  const { service, servicePrivateKey, publicUrl } = config;
  const { logger, metrics, tracing, sql, broker } = await openPlumbing(config);
  const auth = createAuth({ store: accountsStore(sql), logger, config });
  // Makes the first signing key now: the first callers would make one each.
  await auth.api.getJwks();
  const origins = new Set([publicUrl, ...config.trustedOrigins]);
  const { orderUrls: order, inventoryUrls: inventory, notifyUrls: notify, workerUrls: worker } = config;
  const urls = { order, inventory, notify, worker };
  const peers = createPeers({ config, urls, broker, logger, metrics });
  const { account, ...access } = createAccess({
    config,
    sql,
    auth,
    logger,
    metrics,
    origins,
    accountsDeadlineMs,
    now,
  });
  const settings = keepSettings({ config, sql, broker, logger, metrics, now });
  const signer = createTokenSigner({ issuer: service, privateKey: servicePrivateKey });
  const upstreams = createUpstreams({ peers, urls, signer, metrics, patienceMs, timeoutMs: callDeadlineMs })
    .set(account.service, account)
    .set("settings", settings.upstream);
  settings.follower.onApply(applyCommon({ config, logger, tracing, peers }));
  settings.follower.onApply(({ callsPerCaller, requestsPerAddress, latencyTargetMs }) => {
    access.limits.change({
      callsPerCaller: callsPerCaller ?? config.callsPerCaller,
      requestsPerAddress: requestsPerAddress ?? config.requestsPerAddress,
    });
    access.shedder.aimAt(latencyTargetMs ?? config.latencyTargetMs);
  });
  return {
    config,
    logger,
    metrics,
    sql,
    broker,
    peers,
    auth,
    origins,
    now,
    streamSeats: createStreamSeats(config),
    callDeadlineMs,
    accountsDeadlineMs,
    recheckMs,
    documentsRefreshMs,
    ...access,
    catalog: createProcedureCatalog({ upstreams }),
    signer,
    upstreams,
    async close() {
      await settings.close();
      await broker.close();
      await sql.close({ timeout: 5 });
      await tracing.stop();
    },
  };
}

function createStreamSeats({ maxOpenRequests }: GatewayConfig): SubscriptionSeats {
  const max = streamSeatsWithin({ openRequests: maxOpenRequests, openFiles: openFileLimit() });
  return createSubscriptionSeats({ max, maxPerCaller: Number.POSITIVE_INFINITY });
}

type Ways = Pick<Context, "peers" | "signer" | "metrics"> & {
  urls: Record<string, string[]>;
  timeoutMs: number;
  patienceMs: number;
};

function createUpstreams({ peers, urls, timeoutMs, ...ways }: Ways): Map<string, Upstream> {
  const settings = { timeoutMs, maxConcurrent: maxCallsAtOnce };
  return new Map(
    Object.entries(urls).map(([service, given]) => {
      const target = peers.target({ service, settings });
      return [service, createUpstream(target, given, createGathering({ target, ...ways }))];
    }),
  );
}
