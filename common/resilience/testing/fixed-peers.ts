import { createLogger } from "../../observability/logger.ts";
import { createMetrics, type Metrics } from "../../observability/metrics.ts";
import { createPeers, type Peers } from "../peers.ts";

type Options = { metrics?: Metrics };

/** Peers at these URLs, found without a broker. */
export function fixedPeers(urls: Record<string, string | string[]>, { metrics }: Options = {}): Peers {
  const identity = { service: "test", instance: "test" };
  return createPeers({
    config: { discovery: "static", callSettings: {} },
    urls: Object.fromEntries(Object.entries(urls).map(([service, given]) => [service, [given].flat()])),
    broker: { subscribe: () => () => undefined },
    logger: createLogger({ ...identity, level: "silent" }),
    metrics: metrics ?? createMetrics({ ...identity, defaults: false }),
  });
}
