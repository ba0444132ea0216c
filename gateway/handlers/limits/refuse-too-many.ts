import { callErrorResponse } from "../forwarding/call-error.ts";
import { problemResponse } from "../rest/problem-response.ts";
import type { TooMany } from "./too-many.ts";
import type { Visit } from "./visit.ts";

export type Route = "/trpc" | "/api/v1" | "/auth";

/** 429 in the words of the route that was asked, before anything of the request was read. */
export function refuseTooMany(error: TooMany, route: Route, { request, visit }: Refused): Response {
  const { message, retryAfterS } = error;
  const { traceId } = visit;
  const headers = new Headers({ "retry-after": String(retryAfterS) });
  if (route === "/trpc") return callErrorResponse(error, { path: "", traceId });
  if (route === "/auth") return Response.json({ code: error.code, message }, { status: 429, headers });
  const instance = new URL(request.url).pathname;
  return problemResponse({ status: 429, reason: "rate_limited", detail: message, instance, traceId }, headers);
}

type Refused = { request: Request; visit: Visit };
