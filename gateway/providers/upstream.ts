import type { Target } from "@orderflow/common/resilience/target";
import type { Gathering } from "./gather-calls.ts";

export type UpstreamRequest = {
  method: string;
  /** Path and query at the service, from the first slash on. */
  path: string;
  headers: Record<string, string>;
  body: ArrayBuffer | string | undefined;
  /** Aborts when the client leaves, or with GATEWAY_TIMEOUT when the time is over; until then the answer may stream. */
  signal: AbortSignal;
};

export type Upstream = {
  service: string;
  /** As configured; calls go to the instances that announce themselves first. */
  urls: readonly string[];
  /** Throws Unavailable when no instance answers. An abort is thrown on as it is. */
  send(request: UpstreamRequest): Promise<Response>;
  /** For calls of procedures that are gathered. */
  gathering?: Gathering;
};

/** A service as the gateway asks it. A query is sent by GET, so that it alone is asked again once it may have been received. */
export function createUpstream(target: Target, urls: readonly string[], gathering: Gathering): Upstream {
  return {
    service: target.service,
    urls,
    gathering,
    send: (request) => target.send({ ...request, isStream: true, isSafe: request.method === "GET" }),
  };
}
