import { afterAll, beforeAll, expect, test } from "bun:test";
import { createTokenSigner, createTokenVerifier } from "@orderflow/common/auth/internal-token";
import { Refusal, type RefusalReason } from "@orderflow/common/errors";
import type { OpenDoor } from "@orderflow/common/http/open-app";
import { openService } from "@orderflow/common/http/open-service";
import { createLogger } from "@orderflow/common/observability/logger";
import { createMetrics } from "@orderflow/common/observability/metrics";
import { fixedPeers } from "@orderflow/common/resilience/testing/fixed-peers";
import type { ServiceContext } from "@orderflow/common/trpc/context";
import { trpcOptions } from "@orderflow/common/trpc/format-error";
import { testKeys } from "@orderflow/tools/testing/test-keys";
import { initTRPC } from "@trpc/server";
import { z } from "zod";
import { createOrderDesk, type OrderDesk } from "./order-desk.ts";

const authorizedAt = new Date("2026-03-01T10:00:00.000Z");
const refusals = new Map<string, RefusalReason>();
let order: OpenDoor;
let desk: OrderDesk;

beforeAll(async () => {
  const { privateKeys, publicKeys } = await testKeys();
  const t = initTRPC.context<ServiceContext>().create(trpcOptions);
  const authorizeDispatch = t.procedure.input(z.object({ orderId: z.string() })).mutation(({ ctx, input }) => {
    const reason = refusals.get(input.orderId);
    if (reason) throw new Refusal(reason, "no");
    return { orderId: input.orderId, by: ctx.caller.id, authorizedAt: authorizedAt.toISOString() };
  });
  const identity = { service: "order", instance: "order-desk-test" };
  order = await openService({
    config: { ...identity, host: "127.0.0.1", port: 0 },
    logger: createLogger({ ...identity, level: "silent" }),
    metrics: createMetrics({ ...identity, defaults: false }),
    checks: {},
    publicRouter: t.router({}),
    internalRouter: t.router({ fulfilment: t.router({ authorizeDispatch }) }),
    verifier: createTokenVerifier({ audience: ["order"], publicKeys }),
    createContext: (scope) => scope,
  });
  const signer = createTokenSigner({ issuer: "worker", privateKey: privateKeys.worker ?? "" });
  desk = createOrderDesk({ peers: fixedPeers({ order: order.url }), signer });
});

afterAll(() => order.close());

test("a confirmed order may be dispatched", async () => {
  expect(await desk.authorizeDispatch(crypto.randomUUID())).toEqual(authorizedAt);
});

test("an order that is not confirmed may not", async () => {
  const orderId = crypto.randomUUID();
  refusals.set(orderId, "order_not_confirmed");
  expect(await desk.authorizeDispatch(orderId)).toBeUndefined();
});

test.each(["order_not_found", "order_still_pending"] as const)(
  "an order of which a restored database has forgotten that it was confirmed is not taken for a cancelled one: %s",
  async (reason) => {
    const orderId = crypto.randomUUID();
    refusals.set(orderId, reason);
    await expect(desk.authorizeDispatch(orderId)).rejects.toMatchObject({ reason });
  },
);

test("while order is away nothing is decided", async () => {
  await order.close();
  await expect(desk.authorizeDispatch(crypto.randomUUID())).rejects.toMatchObject({ reason: "dependency_unavailable" });
});
