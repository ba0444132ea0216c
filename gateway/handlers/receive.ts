import { partingFrom } from "@orderflow/common/http/lifecycle";
import { inRequestScope } from "@orderflow/common/http/request-scope";
import type { Logger } from "@orderflow/common/observability/logger";
import type { Metrics } from "@orderflow/common/observability/metrics";
import type { TrustedProxies } from "../domain/address.ts";
import type { Edge } from "./edge.ts";
import { setLimitHeaders } from "./limits/limit-headers.ts";
import type { RateLimits } from "./limits/rate-limits.ts";
import { type Route, refuseTooMany } from "./limits/refuse-too-many.ts";
import { TooMany } from "./limits/too-many.ts";
import { countRequest, type Visit } from "./limits/visit.ts";
import { openVisit } from "./open-visit.ts";

/** Elysia's server, as far as it is needed of one request. */
type Server = {
  requestIP(request: Request): { address: string } | null;
  timeout(request: Request, seconds: number): void;
};

export type Reception = (
  received: { request: Request; server: Server | null },
  route: Route,
  handle: (request: Request, visit: Visit) => Promise<Response>,
) => Promise<Response>;

type Options = {
  edge: Edge;
  limits: RateLimits;
  proxies: TrustedProxies;
  logger: Logger;
  metrics: Metrics;
  stopping: AbortSignal;
};

/** What every request goes through before it reaches its door, and every answer on its way out. */
export function createReception({ edge, limits, proxies, logger, metrics, stopping }: Options): Reception {
  async function admit(request: Request, { route, visit, handle }: Admission): Promise<Response> {
    try {
      await countRequest(visit, limits);
    } catch (error) {
      if (error instanceof TooMany) return refuseTooMany(error, route, { request, visit });
      throw error;
    }
    return handle(request, visit);
  }

  return async ({ request, server }, route, handle) => {
    const peer = server?.requestIP(request)?.address;
    // The idle timeout is for those who are slow to ask. Events may be a long time coming.
    if (request.headers.get("accept")?.includes("text/event-stream")) server?.timeout(request, 0);
    const response = await inRequestScope(request, { logger, metrics, route }, async (scope) => {
      const visit = openVisit({ request, scope, peer, proxies });
      return edge(request, async () => {
        const answer = await admit(request, { route, visit, handle });
        setLimitHeaders(answer.headers, visit.usages);
        return answer;
      });
    });
    return partingFrom(stopping, response);
  };
}

type Admission = {
  route: Route;
  visit: Visit;
  handle: (request: Request, visit: Visit) => Promise<Response>;
};
