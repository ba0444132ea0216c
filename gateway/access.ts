import { createTokenVerifier, publicAudience } from "@orderflow/common/auth/internal-token";
import type { Logger } from "@orderflow/common/observability/logger";
import type { Metrics } from "@orderflow/common/observability/metrics";
import type { SQL } from "bun";
import type { GatewayConfig } from "./config.ts";
import { createAccountUpstream } from "./handlers/account/account-upstream.ts";
import { type Auth, jwtAlgorithm } from "./handlers/authentication/create-auth.ts";
import { inTime } from "./handlers/authentication/in-time.ts";
import { type CallerResolver, createCallerResolver } from "./handlers/authentication/resolve-caller.ts";
import { createApiKeyVerifier } from "./handlers/authentication/verify-api-key.ts";
import { createAnyJwtVerifier } from "./handlers/authentication/verify-foreign-jwt.ts";
import { createJwtVerifier, type JwtVerifier } from "./handlers/authentication/verify-jwt.ts";
import { impatientStore } from "./handlers/limits/impatient-store.ts";
import { createLoadShedder, type LoadShedder } from "./handlers/limits/load-shedder.ts";
import { createRateLimits, type RateLimits } from "./handlers/limits/rate-limits.ts";
import { createOidcIssuer } from "./providers/oidc-issuer.ts";
import type { Upstream } from "./providers/upstream.ts";
import { createApiKeys } from "./repositories/api-keys.ts";
import { createSessions } from "./repositories/sessions.ts";
import { sharedCounters } from "./repositories/shared-counters.ts";

type Options = {
  config: GatewayConfig;
  sql: SQL;
  auth: Auth;
  logger: Logger;
  metrics: Metrics;
  origins: ReadonlySet<string>;
  accountsDeadlineMs: number;
  now: () => Date;
};

export type Access = {
  resolveCaller: CallerResolver;
  limits: RateLimits;
  shedder: LoadShedder;
  /** The gateway's own procedures. */
  account: Upstream;
};

/** The part of the context that says who calls, and how much. */
export function createAccess(options: Options): Access {
  const { config, sql, auth, logger, metrics, origins, accountsDeadlineMs, now } = options;
  const inDeadline = <T>(answer: Promise<T>) => inTime(answer, accountsDeadlineMs);
  const stored = createApiKeys(sql);
  const apiKeys = createApiKeyVerifier({
    apiKeys: { ...stored, byPrefix: (prefix) => inDeadline(stored.byPrefix(prefix)) },
    logger,
    now,
  });
  return {
    resolveCaller: createCallerResolver({
      jwts: createJwts(options),
      apiKeys,
      readSession: (headers) => inDeadline(auth.api.getSession({ headers })),
      origins,
    }),
    limits: createRateLimits({
      requestsPerAddress: config.requestsPerAddress,
      callsPerCaller: config.callsPerCaller,
      store: config.rateLimitStore === "database" ? impatientStore(sharedCounters(sql)) : undefined,
      metrics,
    }),
    shedder: createLoadShedder({ targetMs: config.latencyTargetMs, logger, metrics }),
    account: createAccountUpstream({
      verifier: createTokenVerifier({ audience: [publicAudience], publicKeys: config.servicePublicKeys }),
      sessions: createSessions(sql),
      apiKeys: stored,
      forgetApiKey: apiKeys.forget,
      logger,
      metrics,
      now,
    }),
  };
}

function createJwts({ config, auth, accountsDeadlineMs, now }: Options): JwtVerifier {
  const own = createJwtVerifier({
    loadKeys: () => inTime(auth.api.getJwks(), accountsDeadlineMs),
    publicUrl: config.publicUrl,
    algorithm: jwtAlgorithm,
    now,
  });
  const issuers = config.oidcIssuers.map((trusted) => ({ ...trusted, provider: createOidcIssuer(trusted) }));
  return createAnyJwtVerifier({ own, issuers, now });
}
