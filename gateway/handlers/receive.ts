import { partingFrom } from "@orderflow/common/http/lifecycle";
import { recordRequest } from "@orderflow/common/http/request-metrics";
import { inRequestScope } from "@orderflow/common/http/request-scope";
import type { Logger } from "@orderflow/common/observability/logger";
import type { Metrics } from "@orderflow/common/observability/metrics";
import type { TrustedProxies } from "../domain/address.ts";
import type { Edge } from "./edge.ts";
import { setLimitHeaders } from "./limits/limit-headers.ts";
import type { LoadShedder } from "./limits/load-shedder.ts";
import type { RateLimits } from "./limits/rate-limits.ts";
import { refuseOverload } from "./limits/refuse-overload.ts";
import { type Route, refuseTooMany } from "./limits/refuse-too-many.ts";
import { TooMany } from "./limits/too-many.ts";
import { countRequest, type Visit } from "./limits/visit.ts";
import type { TargetNamer } from "./name-target.ts";
import { openVisit } from "./open-visit.ts";

/** Elysia's server, as far as it is needed of one request. */
type Server = {
  requestIP(request: Request): { address: string } | null;
  timeout(request: Request, seconds: number): void;
};

type Received = { request: Request; server: Server | null };
type Handle = (request: Request, visit: Visit) => Promise<Response>;

export type Reception = (received: Received, route: Route, handle: Handle) => Promise<Response>;

type Options = {
  edge: Edge;
  limits: RateLimits;
  shedder: Pick<LoadShedder, "enter">;
  targetsOf: TargetNamer;
  proxies: TrustedProxies;
  logger: Logger;
  metrics: Metrics;
  stopping: AbortSignal;
};

/** What every request goes through before it reaches its door, and every answer on its way out. */
export function createReception(options: Options): Reception {
  const { edge, limits, shedder, targetsOf, proxies, logger, metrics, stopping } = options;

  async function admit(request: Request, { route, visit, handle }: Admission): Promise<Response> {
    try {
      await countRequest(visit, limits);
    } catch (error) {
      if (error instanceof TooMany) return refuseTooMany(error, route, { request, visit });
      throw error;
    }
    return handle(request, visit);
  }

  async function receive({ request, server }: Received, route: Route, handle: Handle): Promise<Response> {
    const peer = server?.requestIP(request)?.address;
    return inRequestScope(request, { logger, metrics, route }, async (scope) => {
      const visit = openVisit({ request, scope, peer, proxies });
      return edge(request, async () => {
        const answer = await admit(request, { route, visit, handle });
        setLimitHeaders(answer.headers, visit.usages);
        if (isEventStream(answer)) keepOpen(answer, { request, server });
        return answer;
      });
    });
  }

  /** Before anything else, so that it costs little however many come. */
  function refuse(request: Request, route: Route): Promise<Response> {
    const response = refuseOverload(request, route);
    recordRequest(metrics, { method: request.method, route, status: response.status, durationMs: 0 });
    return edge(request, () => Promise.resolve(response));
  }

  async function take(received: Received, route: Route, handle: Handle): Promise<Response> {
    const place = shedder.enter(received.request, targetsOf(received.request, route));
    if (place === undefined) return refuse(received.request, route);
    let status = 500;
    try {
      const response = await receive(received, route, handle);
      status = response.status;
      return response;
    } finally {
      place.leave(status);
    }
  }

  return async (received, route, handle) => partingFrom(stopping, await take(received, route, handle));
}

function isEventStream({ body, headers }: Response): boolean {
  return body !== null && headers.get("content-type")?.startsWith("text/event-stream") === true;
}

/**
 * The idle timeout is for those who are slow to ask: events may be a long time coming. It stays off until the next request
 * is there whole, so nothing more is asked on this connection.
 */
function keepOpen(stream: Response, { request, server }: Received): void {
  server?.timeout(request, 0);
  stream.headers.set("connection", "close");
}

type Admission = { route: Route; visit: Visit; handle: Handle };
