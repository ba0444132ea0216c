import { createTokenVerifier } from "@orderflow/common/auth/internal-token";
import { Refusal } from "@orderflow/common/errors";
import type { OpenDoor } from "@orderflow/common/http/open-app";
import { openService } from "@orderflow/common/http/open-service";
import { createLogger } from "@orderflow/common/observability/logger";
import { createMetrics } from "@orderflow/common/observability/metrics";
import { currentTrace } from "@orderflow/common/observability/tracing";
import type { ProcedureMeta } from "@orderflow/common/openapi/procedure-meta";
import { currentDeadline } from "@orderflow/common/resilience/deadline";
import type { CallScope } from "@orderflow/common/trpc/context";
import { trpcOptions } from "@orderflow/common/trpc/format-error";
import { requireRole } from "@orderflow/common/trpc/procedure";
import { testKeys } from "@orderflow/tools/testing/test-keys";
import { initTRPC } from "@trpc/server";
import { z } from "zod";

type Placing = (name: string, signal: AbortSignal | undefined) => Promise<void>;

const t = initTRPC.context<CallScope & { placing: Placing }>().meta<ProcedureMeta>().create(trpcOptions);

/** `place` ends when the test says so, and tells all that came along with it. */
const router = t.router({
  place: t.procedure
    .meta({ isGathered: true })
    .input(z.object({ name: z.string() }))
    .mutation(async ({ ctx, input: { name }, signal }) => {
      const { id } = requireRole(ctx.caller, "customer", "operator");
      const { traceId, correlationId, requestId } = ctx;
      const leftMs = currentDeadline() - performance.now();
      await ctx.placing(name, signal);
      if (name.startsWith("refused")) throw new Refusal("out_of_stock", `Nothing is left for ${name}`);
      return { name, by: id, traceId, correlationId, requestId, current: currentTrace().traceId, leftMs };
    }),
});

export type GatheredStandIn = OpenDoor & {
  /** Paths of the requests that came, in their order. */
  paths: string[];
  /** Names of the placings that began, in their order. */
  begun: string[];
  /** Names of those whose request was given up. */
  aborted: string[];
  /** Lets this one end, or all that wait. */
  release(name?: string): void;
};

type Options = { port?: number; isOld?: boolean };

/** A real order service in small. One that is old does not know of requests that hold several calls. */
export async function openGatheredStandIn({ port = 0, isOld = false }: Options = {}): Promise<GatheredStandIn> {
  const { publicKeys } = await testKeys();
  const held = new Map<string, () => void>();
  const seen = { paths: [] as string[], begun: [] as string[], aborted: [] as string[] };
  const placing: Placing = (name, signal) => {
    seen.begun.push(name);
    signal?.addEventListener("abort", () => seen.aborted.push(name), { once: true });
    if (!name.includes("held")) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    held.set(name, resolve);
    return promise;
  };
  const door = await openService({
    config: { service: "order", instance: "order-test", host: "127.0.0.1", port },
    logger: createLogger({ service: "order", instance: "test", level: "silent" }),
    metrics: createMetrics({ service: "order", instance: "test", defaults: false }),
    checks: {},
    publicRouter: router,
    internalRouter: t.router({}),
    verifier: createTokenVerifier({ audience: ["orderflow", "order"], publicKeys }),
    createContext: (scope) => ({ ...scope, placing }),
    extend(app) {
      app.onRequest(({ request }) => {
        const { pathname } = new URL(request.url);
        if (pathname === "/trpc/place" || pathname === "/gathered") seen.paths.push(pathname);
        if (isOld && pathname === "/gathered") return Response.json({ status: "not_found" }, { status: 404 });
      });
    },
  });
  return {
    ...door,
    ...seen,
    release(name) {
      for (const [each, end] of name === undefined ? [...held] : [[name, held.get(name) ?? (() => {})] as const]) {
        held.delete(each);
        end();
      }
    },
  };
}
