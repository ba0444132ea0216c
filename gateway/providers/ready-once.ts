import type { Upstream } from "./upstream.ts";

const timeoutMs = 1_500;

/**
 * A check for each service that it was ready once. So our first 200 says that the whole system is up, and a service
 * that dies later does not take the others' only door with it.
 */
export function readyOnce(upstreams: ReadonlyMap<string, Upstream>): Record<string, () => Promise<void>> {
  return Object.fromEntries([...upstreams].map(([service, upstream]) => [service, wasReady(upstream)]));
}

function wasReady(upstream: Upstream): () => Promise<void> {
  let isKnown = false;
  return async () => {
    if (isKnown) return;
    const signal = AbortSignal.timeout(timeoutMs);
    const { status } = await upstream.send({ method: "GET", path: "/readyz", headers: {}, body: undefined, signal });
    if (status !== 200) throw new Error(`${upstream.service} is not ready`);
    isKnown = true;
  };
}
