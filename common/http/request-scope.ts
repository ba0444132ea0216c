import { context, type Span } from "@opentelemetry/api";
import { newId } from "../ids.ts";
import type { Logger } from "../observability/logger.ts";
import type { Metrics } from "../observability/metrics.ts";
import { failSpan, withSpan } from "../observability/tracing.ts";
import { contextWithDeadline } from "../resilience/deadline.ts";
import { recordRequest } from "./request-metrics.ts";
import { secure } from "./security-headers.ts";

export const requestIdHeader = "x-request-id";
export const correlationIdHeader = "x-correlation-id";

/** The ids of one request. `correlationId` is shared by all that follows from one client call. */
export type RequestScope = { requestId: string; correlationId: string; traceId: string };

export type RequestScopeOptions = {
  logger: Logger;
  metrics: Metrics;
  /** Where the request was received, as a label: a constant such as "/trpc", never the path as it came. */
  route: string;
  /** Name of the span; by default the method and the route. */
  operation?: string | undefined;
  /** When whoever asks stops waiting, on the clock of `performance.now()`. To be left out where anybody may ask. */
  deadlineAt?: number;
};

/** An id from outside goes into logs, headers and rows: bounded, and plain. */
const plainId = /^[A-Za-z0-9._:-]{1,64}$/;

/**
 * Surrounds a request with its server span (continued from `traceparent`), its ids, its metrics and its line in
 * the access log (debug; info from 400, warn from 500). The answer carries `x-request-id` and the security headers, so it
 * must be a Response of our own making: those of `fetch` cannot be changed.
 */
export function inRequestScope(
  request: Request,
  options: RequestScopeOptions,
  handle: (scope: RequestScope) => Promise<Response>,
): Promise<Response> {
  const { method, headers } = request;
  const requestId = idFrom(headers, requestIdHeader);
  const correlationId = idFrom(headers, correlationIdHeader);
  const traceparent = headers.get("traceparent") ?? undefined;
  const name = options.operation ?? `${method} ${options.route}`;
  const attributes = { "http.request.method": method, "http.route": options.route };
  const answer = async (span: Span) => {
    const startedAt = performance.now();
    const scope = { requestId, correlationId, traceId: span.spanContext().traceId };
    const response = await handle(scope);
    span.setAttribute("http.response.status_code", response.status);
    if (response.status >= 500) failSpan(span, `answered ${response.status}`, String(response.status));
    record(response, { ...options, method, requestId, name, durationMs: performance.now() - startedAt });
    response.headers.set(requestIdHeader, requestId);
    secure(response.headers);
    return response;
  };
  const trace = { traceparent, correlationId };
  // Entered once: each scope inside another costs every step of the call a little.
  const within = contextWithDeadline(context.active(), options.deadlineAt ?? Number.POSITIVE_INFINITY);
  return withSpan(name, { kind: "server", attributes, trace, within }, answer);
}

function idFrom(headers: Headers, name: string): string {
  const given = headers.get(name);
  return given !== null && plainId.test(given) ? given : newId();
}

type Outcome = RequestScopeOptions & { method: string; requestId: string; name: string; durationMs: number };

function record({ status }: Response, { logger, metrics, method, route, requestId, name, durationMs }: Outcome): void {
  recordRequest(metrics, { method, route, status, durationMs });
  const level = status >= 500 ? "warn" : status >= 400 ? "info" : "debug";
  if (logger.isLevelEnabled(level)) {
    logger[level]({ operation: name, status, durationMs: Math.round(durationMs * 10) / 10, requestId }, "request");
  }
}
