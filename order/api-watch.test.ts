import { afterAll, beforeAll, expect, test } from "bun:test";
import { newId } from "@orderflow/common/ids";
import { eventually } from "@orderflow/tools/testing/eventually";
import { createTRPCClient, httpSubscriptionLink, type TRPCClientError } from "@trpc/client";
import { EventSource } from "eventsource";
import { confirmOrder } from "./domain/confirm-order.ts";
import type { OrderRouter } from "./handlers/router.ts";
import { createOrderRepository } from "./repositories/order-repository.ts";
import { aCustomer, aPlaceInput, type OpenOrder, openOrder } from "./testing/open-order.ts";

let order: OpenOrder;
beforeAll(async () => {
  order = await openOrder();
});
afterAll(() => order.close());

test("whoever watches sees the order as it is, each change, and the end", async () => {
  const { client, caller, orderId } = await aPlacedOrder();
  const seen = await watch(caller, { orderId });
  await eventually(() => expect(seen.states).toEqual(["1 pending"]));

  await confirm(orderId);
  await eventually(() => expect(seen.states).toEqual(["1 pending", "2 confirmed"]));
  await client.cancel.mutate({ orderId, idempotencyKey: newId(), reason: "changed my mind" });
  await eventually(() => expect(seen.isComplete).toBe(true));
  expect(seen.states).toEqual(["1 pending", "2 confirmed", "3 cancelled"]);
});

test("a change that another process commits is seen too", async () => {
  const { caller, orderId } = await aPlacedOrder();
  const seen = await watch(caller, { orderId });
  await eventually(() => expect(seen.states).toEqual(["1 pending"]));

  const elsewhere = createOrderRepository(order.database.sql, () => undefined);
  await elsewhere.updateMany([{ orderId, trace: {}, decide: (stored) => confirmOrder(found(stored), new Date()) }]);
  await eventually(() => expect(seen.states).toEqual(["1 pending", "2 confirmed"]));
  seen.stop();
});

test("whoever comes back gets every change since, once", async () => {
  const { client, caller, orderId } = await aPlacedOrder();
  await confirm(orderId);
  await client.cancel.mutate({ orderId, idempotencyKey: newId(), reason: "changed my mind" });
  const seen = await watch(caller, { orderId, lastEventId: "1" });

  await eventually(() => expect(seen.isComplete).toBe(true));
  expect(seen.states).toEqual(["2 confirmed", "3 cancelled"]);
});

test("whoever comes back to an order whose steps were pruned gets its last state, and the end", async () => {
  const { client, caller, orderId } = await aPlacedOrder();
  await confirm(orderId);
  await client.cancel.mutate({ orderId, idempotencyKey: newId(), reason: "changed my mind" });
  await order.database.sql`delete from timeline_entry where order_id = ${orderId}`;
  const seen = await watch(caller, { orderId, lastEventId: "1" });

  await eventually(() => expect(seen.isComplete).toBe(true));
  expect(seen.states).toEqual(["3 cancelled"]);
});

test("another customer's order cannot be watched", async () => {
  const { orderId } = await aPlacedOrder();
  const seen = await watch(aCustomer(), { orderId });
  await eventually(() => expect(seen.error?.data).toMatchObject({ reason: "order_not_found" }));
  expect(seen.states).toEqual([]);
});

async function aPlacedOrder() {
  const caller = aCustomer();
  const client = await order.as(caller);
  const { id: orderId } = await client.place.mutate(aPlaceInput());
  return { caller, client, orderId };
}

function confirm(orderId: string) {
  return order.context.handling.change({
    orderId,
    trace: {},
    decide: (stored) => confirmOrder(found(stored), new Date()),
  });
}

function found<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("not found");
  return value;
}

async function watch(caller: Parameters<OpenOrder["as"]>[0], input: { orderId: string; lastEventId?: string }) {
  const headers = await order.headersOf(caller);
  const link = httpSubscriptionLink<OrderRouter, typeof EventSource>({
    url: `${order.url}/trpc`,
    EventSource,
    eventSourceOptions: {
      fetch: (url, init) => fetch(url, { ...init, headers: { ...init.headers, ...headers } }),
    },
  });
  const seen = {
    states: [] as string[],
    isComplete: false,
    error: undefined as TRPCClientError<OrderRouter> | undefined,
    stop: () => subscription.unsubscribe(),
  };
  const subscription = createTRPCClient<OrderRouter>({ links: [link] }).watch.subscribe(input as { orderId: string }, {
    onData: ({ id, data }) => seen.states.push(`${id} ${data.status}`),
    onComplete: () => {
      seen.isComplete = true;
    },
    onError: (error) => {
      seen.error = error as TRPCClientError<OrderRouter>;
    },
  });
  return seen;
}
