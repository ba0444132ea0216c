import { createTokenVerifier } from "@orderflow/common/auth/internal-token";
import { Refusal } from "@orderflow/common/errors";
import type { OpenDoor } from "@orderflow/common/http/open-app";
import { openService } from "@orderflow/common/http/open-service";
import { createLogger } from "@orderflow/common/observability/logger";
import { createMetrics } from "@orderflow/common/observability/metrics";
import type { CallScope } from "@orderflow/common/trpc/context";
import { trpcOptions } from "@orderflow/common/trpc/format-error";
import { requireRole } from "@orderflow/common/trpc/procedure";
import { testKeys } from "@orderflow/tools/testing/test-keys";
import { initTRPC } from "@trpc/server";
import { z } from "zod";

type StandInContext = CallScope & { aborted: (name: string) => void };

const t = initTRPC.context<StandInContext>().create(trpcOptions);

async function untilAborted(signal: AbortSignal | undefined): Promise<void> {
  if (!signal) throw new Error("The call has no signal");
  const { promise, resolve } = Promise.withResolvers<void>();
  signal.addEventListener("abort", () => resolve(), { once: true });
  if (!signal.aborted) await promise;
}

/** Procedures with which a test sees what reaches a service. */
export const orderRouter = t.router({
  whoAmI: t.procedure.query(({ ctx: { caller, correlationId, requestId, traceId } }) => ({
    caller,
    correlationId,
    requestId,
    traceId,
  })),
  echo: t.procedure.input(z.object({ text: z.string() })).query(({ input }) => `order ${input.text}`),
  place: t.procedure
    .input(z.object({ sku: z.string() }))
    .mutation(({ input, ctx }) => ({ id: input.sku, by: requireRole(ctx.caller, "customer", "operator").id })),
  refuse: t.procedure.mutation((): string => {
    throw new Refusal("out_of_stock", "Nothing left");
  }),
  hang: t.procedure.query(async ({ signal, ctx }) => {
    await untilAborted(signal);
    ctx.aborted("hang");
    return "never seen";
  }),
  watch: t.procedure.input(z.object({ count: z.int() })).subscription(async function* ({ input, signal, ctx }) {
    for (let position = 1; position <= input.count; position++) yield { position };
    await untilAborted(signal);
    ctx.aborted("watch");
  }),
  failingWatch: t.procedure.subscription(async function* () {
    yield 1;
    throw new Refusal("order_not_found", "No such order");
  }),
});

export const inventoryRouter = t.router({
  echo: t.procedure.input(z.object({ text: z.string() })).query(({ input }) => `inventory ${input.text}`),
  bySku: t.procedure.input(z.object({ sku: z.string() })).query(({ input }): { sku: string } => {
    throw new Refusal("unknown_sku", `There is no ${input.sku}`);
  }),
  slow: t.procedure.query(async () => {
    await Bun.sleep(300);
    return "slow";
  }),
  adjust: t.procedure.input(z.object({ delta: z.int() })).mutation(({ input }) => input.delta),
});

export type StandIn = OpenDoor & { requests: Request[]; aborted: string[] };

/** A small real service of this name on a port of its own, which remembers what it was asked. */
export async function openStandIn(service: "order" | "inventory", port = 0): Promise<StandIn> {
  const { publicKeys } = await testKeys();
  const requests: Request[] = [];
  const aborted: string[] = [];
  const door = await openService({
    config: { service, instance: `${service}-test`, host: "127.0.0.1", port },
    logger: createLogger({ service, instance: "test", level: "silent", pretty: false }),
    metrics: createMetrics({ service, instance: "test", defaults: false }),
    checks: {},
    publicRouter: service === "order" ? orderRouter : inventoryRouter,
    internalRouter: t.router({ secret: t.procedure.query(() => "internal") }),
    verifier: createTokenVerifier({ audience: ["orderflow", service], publicKeys }),
    createContext: (scope) => ({ ...scope, aborted: (name: string) => aborted.push(name) }),
    extend: (app) => {
      app.onRequest(({ request }) => {
        if (!new URL(request.url).pathname.startsWith("/trpc/")) return;
        requests.push(request.clone());
      });
    },
  });
  return Object.assign(door, { requests, aborted });
}
