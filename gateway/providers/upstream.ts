import { Unavailable } from "@orderflow/common/errors";
import type { Metrics } from "@orderflow/common/observability/metrics";

export type UpstreamRequest = {
  method: string;
  /** Path and query at the service, from the first slash on. */
  path: string;
  headers: Record<string, string>;
  body: ArrayBuffer | string | undefined;
  signal: AbortSignal;
};

export type Upstream = {
  service: string;
  urls: readonly string[];
  /** Throws Unavailable when no instance answers. An abort is thrown on as it is. */
  send(request: UpstreamRequest): Promise<Response>;
};

type Options = { service: string; urls: readonly string[]; metrics: Metrics; nowMs?: () => number };
type Instance = { url: string; downUntilMs: number };

/** How long an instance that refused a connection is asked last. */
const downMs = 1_000;
const retryAfterS = 1;

/** The instances of one service, asked in turn. Only what was certainly not sent (connection refused) goes to the next one. */
export function createUpstream({ service, urls, metrics, nowMs = Date.now }: Options): Upstream {
  const instances: Instance[] = urls.map((url) => ({ url, downUntilMs: 0 }));
  const failures = metrics.counter(
    "gateway_upstream_failures_total",
    "Calls that no answer came to, by service and cause",
    ["service", "cause"],
  );
  let turn = 0;

  function inTurn(): Instance[] {
    if (instances.length === 1) return instances;
    turn = (turn + 1) % instances.length;
    const rotated = [...instances.slice(turn), ...instances.slice(0, turn)];
    const now = nowMs();
    // Those that are down come last, rather than not at all: one may be back before its second is over.
    return [...rotated.filter((each) => each.downUntilMs <= now), ...rotated.filter((each) => each.downUntilMs > now)];
  }

  return {
    service,
    urls,
    async send(request) {
      let refused: unknown;
      for (const instance of inTurn()) {
        try {
          return await ask(instance.url, request);
        } catch (error) {
          if (request.signal.aborted) throw error;
          refused = error;
          failures.inc({ service, cause: isRefused(error) ? "refused" : "broken" });
          if (!isRefused(error)) break;
          instance.downUntilMs = nowMs() + downMs;
        }
      }
      throw new Unavailable("dependency_unavailable", `${service} is not reachable`, { retryAfterS, cause: refused });
    },
  };
}

function ask(url: string, { method, path, headers, body, signal }: UpstreamRequest): Promise<Response> {
  return fetch(url + path, {
    method,
    headers,
    ...(body === undefined ? {} : { body }),
    signal,
    redirect: "manual",
    decompress: false,
  });
}

function isRefused(error: unknown): boolean {
  if (!(error instanceof Error) || !("code" in error)) return false;
  return error.code === "ConnectionRefused" || error.code === "ECONNREFUSED";
}
