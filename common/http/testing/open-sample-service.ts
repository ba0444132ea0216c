import { initTRPC } from "@trpc/server";
import { z } from "zod";
import { serviceCaller } from "../../auth/caller.ts";
import { createTokenSigner, createTokenVerifier } from "../../auth/internal-token.ts";
import { createServiceKeys } from "../../auth/key-pair.ts";
import { Refusal, Unavailable } from "../../errors.ts";
import { createLogger } from "../../observability/logger.ts";
import { createMetrics } from "../../observability/metrics.ts";
import { currentTrace } from "../../observability/tracing.ts";
import { currentDeadline } from "../../resilience/deadline.ts";
import type { ServiceContext } from "../../trpc/context.ts";
import { trpcOptions } from "../../trpc/format-error.ts";
import { requireRole } from "../../trpc/procedure.ts";
import type { Checks } from "../check-readiness.ts";
import { openService } from "../open-service.ts";

type SampleContext = ServiceContext & { greeting: string };

const t = initTRPC.context<SampleContext>().create(trpcOptions);
const customerProcedure = t.procedure.use(({ ctx, next }) =>
  next({ ctx: { ...ctx, caller: requireRole(ctx.caller, "customer", "operator") } }),
);

const publicRouter = t.router({
  greet: t.procedure.query(({ ctx }) => `${ctx.greeting} ${ctx.caller.role}`),
  ids: t.procedure.query(({ ctx: { requestId, correlationId, traceId } }) => {
    const trace = currentTrace();
    return { requestId, correlationId, traceId, current: [trace.correlationId, trace.traceId] };
  }),
  leftMs: t.procedure.query(() => {
    const leftMs = currentDeadline() - performance.now();
    return Number.isFinite(leftMs) ? leftMs : null;
  }),
  mine: customerProcedure.query(({ ctx }) => ctx.caller.id),
  fault: t.procedure.query(() => {
    throw new Error("secret cause");
  }),
  slow: t.procedure.input(z.int()).query(async ({ input }) => {
    await Bun.sleep(input);
    return "done";
  }),
});

const internalRouter = t.router({
  caller: t.procedure.query(({ ctx }) => ctx.caller.id),
  length: t.procedure.input(z.string()).query(({ input }) => input.length),
  trace: t.procedure.query(({ ctx }) => ({ traceId: ctx.traceId, correlationId: ctx.correlationId })),
  refuse: t.procedure.mutation(() => {
    throw new Refusal("out_of_stock", "Only 2 are left");
  }),
  overloaded: t.procedure.query(() => {
    throw new Unavailable("overloaded", "Too many wait", { retryAfterS: 4 });
  }),
  fault: t.procedure.query(() => {
    throw new Error("secret cause");
  }),
  slow: t.procedure.query(async () => {
    await Bun.sleep(1_000);
  }),
});

export type SampleInternalRouter = typeof internalRouter;

/** A service with every kind of answer, on a free port, which keeps what it logs. */
export async function openSampleService({ checks = {}, leaveMs = 0 }: { checks?: Checks; leaveMs?: number } = {}) {
  const keys = await createServiceKeys(["gateway", "sample", "worker"]);
  const lines: string[] = [];
  const identity = { service: "sample", instance: "sample-1" };
  const logger = createLogger({ ...identity, level: "debug", destination: { write: (line) => void lines.push(line) } });
  const metrics = createMetrics({ ...identity, defaults: false });
  const door = await openService({
    config: { ...identity, host: "127.0.0.1", port: 0, leaveMs },
    logger,
    metrics,
    checks,
    publicRouter,
    internalRouter,
    verifier: createTokenVerifier({ audience: ["orderflow", "sample"], publicKeys: keys.publicKeys }),
    createContext: (scope) => ({ ...scope, greeting: "hello" }),
  });
  const signerOf = (issuer: string) => createTokenSigner({ issuer, privateKey: keys.privateKeys[issuer] ?? "" });
  const serviceToken = (issuer: string, audience = "sample") => signerOf(issuer).sign(serviceCaller(issuer), audience);
  return { door, url: door.url, lines, metrics, signerOf, serviceToken, close: () => door.close() };
}
