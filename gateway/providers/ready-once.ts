import type { SQL } from "bun";
import type { Upstream } from "./upstream.ts";

type Checks = Record<string, () => Promise<void>>;

const timeoutMs = 1_500;

/**
 * Ready means: our database answers, and each service was ready once. So the first 200 says that the whole system is
 * up, and a service that dies later does not take the others' only door with it.
 */
export function readinessChecks({ sql, upstreams }: { sql: SQL; upstreams: ReadonlyMap<string, Upstream> }): Checks {
  const checks: Checks = {
    async database() {
      await sql`select 1`;
    },
  };
  for (const upstream of upstreams.values()) checks[upstream.service] = readyOnce(upstream);
  return checks;
}

function readyOnce(upstream: Upstream): () => Promise<void> {
  let wasReady = false;
  return async () => {
    if (wasReady) return;
    const signal = AbortSignal.timeout(timeoutMs);
    const { status } = await upstream.send({ method: "GET", path: "/readyz", headers: {}, body: undefined, signal });
    if (status !== 200) throw new Error(`${upstream.service} is not ready`);
    wasReady = true;
  };
}
