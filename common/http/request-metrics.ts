import { type Histogram, type Metrics, secondsBuckets } from "../observability/metrics.ts";
import type { CallOutcome } from "../trpc/exchange.ts";

type RequestMetrics = { request: Histogram; call: Histogram };

const byMetrics = new WeakMap<Metrics, RequestMetrics>();

/** `count` is the rate, the labels name the errors, the buckets are the duration. */
function metricsOf(metrics: Metrics): RequestMetrics {
  const known = byMetrics.get(metrics);
  if (known !== undefined) return known;
  const made = {
    request: metrics.histogram(
      "http_request_duration_seconds",
      "HTTP requests until the head of the answer, by route and status",
      secondsBuckets,
      ["method", "route", "status"],
    ),
    call: metrics.histogram(
      "rpc_call_duration_seconds",
      "tRPC calls by procedure and code (OK or the error's)",
      secondsBuckets,
      ["procedure", "code"],
    ),
  };
  byMetrics.set(metrics, made);
  return made;
}

const methods = new Set(["GET", "POST", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"]);

type Request = { method: string; route: string; status: number; durationMs: number };

/** `route` is a constant of ours, never a path as it came. */
export function recordRequest(metrics: Metrics, { method, route, status, durationMs }: Request): void {
  const labels = { method: methods.has(method) ? method : "other", route, status };
  metricsOf(metrics).request.observe(labels, durationMs / 1000);
}

export function recordCall(metrics: Metrics, { path, code, durationMs }: CallOutcome): void {
  metricsOf(metrics).call.observe({ procedure: path, code }, durationMs / 1000);
}
