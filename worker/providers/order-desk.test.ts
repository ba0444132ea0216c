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
import { initTRPC, TRPCError } from "@trpc/server";
import { z } from "zod";
import { createOrderDesk, type OrderDesk } from "./order-desk.ts";

const authorizedAt = new Date("2026-03-01T10:00:00.000Z");
const refusals = new Map<string, RefusalReason>();
const calls: string[][] = [];
let isOld = false;
let order: OpenDoor;
let desk: OrderDesk;

beforeAll(async () => {
  const { privateKeys, publicKeys } = await testKeys();
  const t = initTRPC.context<ServiceContext>().create(trpcOptions);
  const authorizeDispatch = t.procedure.input(z.object({ orderId: z.string() })).mutation(({ ctx, input }) => {
    calls.push([input.orderId]);
    const reason = refusals.get(input.orderId);
    if (reason) throw new Refusal(reason, "no");
    return { orderId: input.orderId, by: ctx.caller.id, authorizedAt: authorizedAt.toISOString() };
  });
  const Orders = z.object({ orderIds: z.array(z.string()) });
  const authorizeDispatches = t.procedure.input(Orders).mutation(({ input: { orderIds } }) => {
    if (isOld) throw new TRPCError({ code: "NOT_FOUND", message: "No such procedure" });
    calls.push(orderIds);
    return orderIds.map((orderId) => {
      const reason = refusals.get(orderId);
      return reason ? { refusal: { reason, message: "no" } } : { orderId, authorizedAt: authorizedAt.toISOString() };
    });
  });
  const identity = { service: "order", instance: "order-desk-test" };
  order = await openService({
    config: { ...identity, host: "127.0.0.1", port: 0 },
    logger: createLogger({ ...identity, level: "silent" }),
    metrics: createMetrics({ ...identity, defaults: false }),
    checks: {},
    publicRouter: t.router({}),
    internalRouter: t.router({ fulfilment: t.router({ authorizeDispatch, authorizeDispatches }) }),
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

const someOrders = (count: number) => Array.from({ length: count }, () => crypto.randomUUID());

test("what is asked at the same time is asked in one call, fifty orders at most, and each is answered alone", async () => {
  const orderIds = someOrders(60);
  const [refused = "", forgotten = ""] = orderIds;
  refusals.set(refused, "order_not_confirmed").set(forgotten, "order_not_found");
  calls.length = 0;
  const answers = await Promise.allSettled(orderIds.map((orderId) => desk.authorizeDispatch(orderId)));
  expect(calls.map((asked) => asked.length)).toEqual([50, 10]);
  expect(answers[0]).toEqual({ status: "fulfilled", value: undefined });
  expect(answers[1]).toMatchObject({ status: "rejected", reason: { reason: "order_not_found" } });
  for (const answer of answers.slice(2)) expect(answer).toEqual({ status: "fulfilled", value: authorizedAt });
});

test("an order of the release before, which knows single calls alone, is asked one by one", async () => {
  isOld = true;
  calls.length = 0;
  const orderIds = someOrders(5);
  const answers = await Promise.all(orderIds.map((orderId) => desk.authorizeDispatch(orderId)));
  isOld = false;
  expect(answers).toEqual(orderIds.map(() => authorizedAt));
  expect(calls.map(([orderId]) => orderId).sort()).toEqual(orderIds.toSorted());
});

test("while order is away nothing is decided", async () => {
  await order.close();
  await expect(desk.authorizeDispatch(crypto.randomUUID())).rejects.toMatchObject({ reason: "dependency_unavailable" });
});
