import { publicCaller } from "@orderflow/common/auth/authenticate";
import type { TokenVerifier } from "@orderflow/common/auth/internal-token";
import { recordCall } from "@orderflow/common/http/request-metrics";
import { correlationIdHeader, requestIdHeader } from "@orderflow/common/http/request-scope";
import type { Logger } from "@orderflow/common/observability/logger";
import type { Metrics } from "@orderflow/common/observability/metrics";
import { currentTrace } from "@orderflow/common/observability/tracing";
import type { OpenApiDocument } from "@orderflow/common/openapi/document";
import type { CallScope } from "@orderflow/common/trpc/context";
import { trpc } from "@orderflow/common/trpc/plugin";
import { procedureTypesOf } from "@orderflow/common/trpc/procedure-types";
import { isFault } from "@orderflow/common/trpc/translate-error";
import type { AnyTRPCRouter } from "@trpc/server";
import type { Upstream } from "../providers/upstream.ts";

type Options = {
  /** The name that its procedures' begin with. */
  service: string;
  router: AnyTRPCRouter;
  document: OpenApiDocument;
  /** What its procedures use besides who calls. */
  handling: object;
  verifier: TokenVerifier;
  logger: Logger;
  metrics: Metrics;
};

/**
 * Procedures of the gateway's own, asked as those of a service are, but without a way: so that batches, streams, scopes
 * and errors are the same for them.
 */
export function createOwnUpstream({ service, router, document, handling, ...options }: Options): Upstream {
  const { verifier, logger, metrics } = options;
  const app = trpc(router, {
    endpoint: "/trpc",
    createContext: async ({ req }) => ({ ...(await scopeOf(req, verifier)), ...handling }),
    onCall: (outcome) => recordCall(metrics, { ...outcome, path: `${service}.${outcome.path}` }),
    onError({ error, path, type }) {
      if (isFault(error)) logger.error({ err: error.cause ?? error, procedure: path, type }, "A call failed");
    },
  })
    .get("/readyz", () => Response.json({ status: "ready" }))
    .get("/procedures", () => Response.json(procedureTypesOf(router)))
    .get("/openapi.json", () => Response.json(document));
  return {
    service,
    urls: [],
    send: ({ method, path, headers, body, signal }) =>
      Promise.resolve(
        app.handle(new Request(`http://${service}${path}`, { method, headers, signal, ...(body && { body }) })),
      ),
  };
}

/** The gateway's word is checked here as anywhere else. */
async function scopeOf({ headers }: Request, verifier: TokenVerifier): Promise<CallScope> {
  return {
    caller: await publicCaller(headers, verifier),
    traceId: currentTrace().traceId ?? "",
    requestId: headers.get(requestIdHeader) ?? "",
    correlationId: headers.get(correlationIdHeader) ?? "",
  };
}
