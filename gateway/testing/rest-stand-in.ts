import { createTokenVerifier } from "@orderflow/common/auth/internal-token";
import { Refusal, Unavailable } from "@orderflow/common/errors";
import type { OpenDoor } from "@orderflow/common/http/open-app";
import { openService } from "@orderflow/common/http/open-service";
import { documentRoutes } from "@orderflow/common/http/serve-documents";
import { createLogger } from "@orderflow/common/observability/logger";
import { createMetrics } from "@orderflow/common/observability/metrics";
import { createDocument } from "@orderflow/common/openapi/create-document";
import type { ProcedureMeta, RestMeta } from "@orderflow/common/openapi/procedure-meta";
import type { CallScope } from "@orderflow/common/trpc/context";
import { trpcOptions } from "@orderflow/common/trpc/format-error";
import { requireRole } from "@orderflow/common/trpc/procedure";
import { testKeys } from "@orderflow/tools/testing/test-keys";
import { initTRPC, tracked } from "@trpc/server";
import { z } from "zod";

const t = initTRPC.context<CallScope>().meta<ProcedureMeta>().create(trpcOptions);
const marked = (openapi: RestMeta) => t.procedure.meta({ openapi });
const mine = (openapi: RestMeta) =>
  t.procedure
    .meta({ openapi, access: "customer" })
    .use(({ ctx, next }) => next({ ctx: { ...ctx, caller: requireRole(ctx.caller, "customer") } }));

const Parcel = z.object({ id: z.string(), by: z.string(), note: z.string().nullable() }).meta({ id: "Parcel" });
const Found = z.object({ given: z.record(z.string(), z.unknown()) });

async function untilAborted(signal: AbortSignal | undefined): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  signal?.addEventListener("abort", () => resolve(), { once: true });
  if (!signal?.aborted) await promise;
}

/** One procedure for each way in which REST differs from tRPC. */
const procedures = {
  send: mine({ method: "POST", path: "/parcels", created: "/parcels/{id}", summary: "Send" })
    .input(
      z.object({ idempotencyKey: z.uuid(), note: z.string().max(10), lines: z.array(z.object({ sku: z.string() })) }),
    )
    .output(Parcel)
    .mutation(({ ctx, input }) => ({ id: `${input.note}/1`, by: ctx.caller.id, note: input.idempotencyKey })),
  byId: mine({ method: "GET", path: "/parcels/{parcelId}", summary: "Read" })
    .input(z.object({ parcelId: z.string() }))
    .output(Parcel)
    .query(({ ctx, input }) => {
      if (input.parcelId === "none") throw new Refusal("order_not_found", "There is no such parcel");
      if (input.parcelId === "busy") throw new Unavailable("overloaded", "Too many wait", { retryAfterS: 7 });
      if (input.parcelId === "broken") throw new Error("secret cause");
      return { id: input.parcelId, by: ctx.caller.id, note: null };
    }),
  search: marked({ method: "GET", path: "/parcels", summary: "Search" })
    .input(
      z.object({
        text: z.string().optional(),
        limit: z.int().max(100).default(20),
        isHeavy: z.boolean().optional(),
        skus: z.array(z.string()).optional(),
      }),
    )
    .output(Found)
    .query(({ input }) => ({ given: input })),
  change: mine({ method: "PATCH", path: "/parcels/{parcelId}", summary: "Change" })
    .input(z.object({ parcelId: z.string(), note: z.string() }))
    .output(Found)
    .mutation(({ input }) => ({ given: input })),
  follow: mine({ method: "GET", path: "/parcels/{parcelId}/steps", summary: "Follow" })
    .input(z.object({ parcelId: z.string(), lastEventId: z.coerce.number().optional() }))
    .subscription(async function* ({ input, signal }) {
      if (input.parcelId === "quiet") await untilAborted(signal);
      for (let step = (input.lastEventId ?? 0) + 1; step <= 3; step++) yield tracked(String(step), { step });
    }),
  unmarked: t.procedure.query(() => "by tRPC alone"),
};

/** What a later version of the service can do besides. */
const addition = marked({ method: "GET", path: "/parcels/{parcelId}/weight", summary: "Weigh" })
  .input(z.object({ parcelId: z.string() }))
  .output(z.object({ grams: z.int() }))
  .query(() => ({ grams: 1_200 }));

export const parcelRouter = t.router(procedures);

/** A service named order, with a document. */
export async function openRestStandIn({ port = 0, isLater = false } = {}): Promise<OpenDoor> {
  const router = isLater ? t.router({ ...procedures, weigh: addition }) : parcelRouter;
  const { publicKeys } = await testKeys();
  return openService({
    config: { service: "order", instance: "order-test", host: "127.0.0.1", port },
    logger: createLogger({ service: "order", instance: "test", level: "silent", pretty: false }),
    metrics: createMetrics({ service: "order", instance: "test", defaults: false }),
    checks: {},
    publicRouter: router,
    internalRouter: t.router({}),
    verifier: createTokenVerifier({ audience: ["orderflow", "order"], publicKeys }),
    createContext: (scope) => scope,
    extend: documentRoutes(createDocument({ service: "order", description: "Parcels", version: "1.0.0", router })),
  });
}
