import type { Logger } from "@orderflow/common/observability/logger";
import { restPrefix } from "@orderflow/common/openapi/document";
import { defaultBounds } from "@orderflow/common/trpc/bounds";
import type { RouteMatch } from "../../domain/rest-routes.ts";
import type { ServiceDocuments } from "../../providers/service-documents.ts";
import { callErrorResponse, isForeseen } from "../forwarding/call-error.ts";
import type { TrpcDoor } from "../trpc-door.ts";
import { problemResponse, RestRefusal } from "./problem-response.ts";
import { toRestAnswer } from "./rest-answer.ts";
import type { RestApi } from "./rest-api.ts";
import { toTrpcCall } from "./rest-call.ts";

type Options = {
  api: RestApi;
  documents: Pick<ServiceDocuments, "missing" | "askMissing">;
  /** Knows the caller and the limits: a REST request is one of its calls in other words. */
  trpcDoor: TrpcDoor;
  logger: Logger;
};

const { maxUrlLength } = defaultBounds;

/** `GET /api/v1/orders/4711` becomes the call `order.byId`, and its answer plain JSON, or a problem (RFC 9457). */
export function createRestDoor({ api, documents, trpcDoor, logger }: Options): TrpcDoor {
  async function find(method: string, path: string): Promise<RouteMatch> {
    let found = api.table().match(method, path);
    if (!isMatch(found) && documents.missing().length > 0) {
      await documents.askMissing();
      found = api.table().match(method, path);
    }
    if (isMatch(found)) return found;
    if (found) throw wrongMethod(found.allowed);
    const missing = documents.missing();
    throw missing.length > 0 ? notKnownYet(missing) : unknownPath();
  }

  return async (request, visit) => {
    const path = pathOf(request.url);
    const instance = restPrefix + path;
    try {
      if (request.url.length > maxUrlLength) throw longUrl();
      const isHead = request.method === "HEAD";
      const match = await find(isHead ? "GET" : request.method, path);
      const answer = await trpcDoor(await toTrpcCall(request, match), visit);
      const answered = await toRestAnswer(answer, match.route, instance);
      return isHead ? await headOf(answered) : answered;
    } catch (cause) {
      const { traceId } = visit;
      if (cause instanceof RestRefusal) {
        const { status, reason, message, fields, headers } = cause;
        return problemResponse({ status, reason, detail: message, instance, traceId, fields }, new Headers(headers));
      }
      if (!isForeseen(cause)) logger.error({ err: cause }, "A REST request failed");
      return ownProblem(callErrorResponse(cause, { path: "", traceId }), instance);
    }
  };
}

async function headOf(answer: Response): Promise<Response> {
  await answer.body?.cancel();
  return new Response(null, answer);
}

function isMatch(found: RouteMatch | { allowed: string[] } | undefined): found is RouteMatch {
  return found !== undefined && "route" in found;
}

/** The raw path below the prefix, neither decoded nor normalized. */
function pathOf(url: string): string {
  const start = url.indexOf("/", url.indexOf("//") + 2) + restPrefix.length;
  const end = url.indexOf("?", start);
  return end < 0 ? url.slice(start) : url.slice(start, end);
}

async function ownProblem(response: Response, instance: string): Promise<Response> {
  const { error } = (await response.json()) as {
    error: { message: string; data: { reason?: string; traceId: string } };
  };
  const { reason, traceId } = error.data;
  const headers = new Headers(response.headers);
  headers.delete("content-length");
  return problemResponse({ status: response.status, reason, detail: error.message, instance, traceId }, headers);
}

function unknownPath(): RestRefusal {
  return new RestRefusal({ status: 404, reason: "unknown_path", message: "There is nothing at this path" });
}

function notKnownYet(missing: string[]): RestRefusal {
  return new RestRefusal({
    status: 503,
    reason: "dependency_unavailable",
    message: `What ${missing.join(" and ")} can be asked is not known yet`,
    headers: { "retry-after": "1" },
  });
}

function wrongMethod(allowed: string[]): RestRefusal {
  const all = allowed.includes("GET") ? [...allowed, "HEAD"] : allowed;
  const allow = all.sort().join(", ");
  const message = `This path is for ${allow}`;
  return new RestRefusal({ status: 405, reason: "method_not_supported", message, headers: { allow } });
}

function longUrl(): RestRefusal {
  const message = `A URL has at most ${maxUrlLength} characters`;
  return new RestRefusal({ status: 413, reason: "payload_too_large", message });
}
