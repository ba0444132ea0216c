import { afterAll, beforeAll, expect, test } from "bun:test";
import { eventually } from "@orderflow/tools/testing/eventually";
import { createTRPCClient, httpSubscriptionLink } from "@trpc/client";
import { EventSource } from "eventsource";
import { confirmOrder } from "./domain/confirm-order.ts";
import type { OrderRouter } from "./handlers/router.ts";
import { createOrderRepository } from "./repositories/order-repository.ts";
import { aCustomer, aPlaceInput, type OpenOrder, openOrder, operator } from "./testing/open-order.ts";

let order: OpenOrder;
beforeAll(async () => {
  order = await openOrder({}, { MAX_SUBSCRIPTIONS_PER_CALLER: "5" });
});
afterAll(() => order.close());

test("an operator sees the changes of everybody's orders, in the order of their commits", async () => {
  const seen = await follow(operator);
  await eventually(() => expect(seen.items).toEqual(["began"]));
  const first = await aPlacedOrder();
  const second = await aPlacedOrder();
  await confirmElsewhere(first.id);
  await eventually(() =>
    expect(seen.items).toEqual([
      "began",
      `${first.number} pending`,
      `${second.number} pending`,
      `${first.number} confirmed`,
    ]),
  );
  seen.stop();
});

test("who comes back gets each change since, once", async () => {
  const before = await follow(operator);
  await eventually(() => expect(before.items).toEqual(["began"]));
  const first = await aPlacedOrder();
  await eventually(() => expect(before.items).toContain(`${first.number} pending`));
  before.stop();
  await confirmElsewhere(first.id);
  const second = await aPlacedOrder();
  const after = await follow(operator, before.ids.at(-1));
  await eventually(() => expect(after.items).toEqual([`${first.number} confirmed`, `${second.number} pending`]));
  after.stop();
});

test("an id that is not of this log is refused with the advice to read anew", async () => {
  const seen = await follow(operator, "999999");
  await eventually(() => expect(seen.error).toMatchObject({ data: { reason: "feed_expired", httpStatus: 412 } }));
  const wrong = await follow(operator, "../1");
  await eventually(() => expect(wrong.error).toMatchObject({ data: { reason: "invalid_input" } }));
});

test("a customer may not follow it", async () => {
  const seen = await follow(aCustomer());
  await eventually(() => expect(seen.error).toMatchObject({ data: { reason: "forbidden" } }));
});

test("a caller who has all subscriptions that one may have gets no more until he leaves one", async () => {
  const caller = { ...operator, id: "another-operator" };
  const taken = await Promise.all(Array.from({ length: 5 }, () => follow(caller)));
  await eventually(() => expect(taken.every(({ items }) => items.length === 1)).toBe(true));
  const refused = await follow(caller);
  await eventually(() =>
    expect(refused.error).toMatchObject({ data: { reason: "too_many_subscriptions", httpStatus: 429 } }),
  );
  taken[0]?.stop();
  await eventually(async () => {
    const next = await follow(caller);
    await eventually(() => expect(next.items).toEqual(["began"]), { timeoutMs: 200 });
    next.stop();
  });
  for (const each of taken) each.stop();
});

async function aPlacedOrder() {
  return await (await order.as(aCustomer())).place.mutate(aPlaceInput());
}

/** As another instance would, which cannot tell this one. */
async function confirmElsewhere(orderId: string): Promise<void> {
  const elsewhere = createOrderRepository(order.database.sql, () => undefined);
  const decide: Parameters<typeof elsewhere.updateMany>[0][number]["decide"] = (stored) => {
    if (!stored) throw new Error("no such order");
    return confirmOrder(stored, new Date());
  };
  await elsewhere.updateMany([{ orderId, trace: {}, decide }]);
}

async function follow(caller: Parameters<OpenOrder["as"]>[0], lastEventId?: string) {
  const headers = await order.headersOf(caller);
  const client = createTRPCClient<OrderRouter>({
    links: [
      httpSubscriptionLink({
        url: `${order.url}/trpc`,
        EventSource,
        eventSourceOptions: {
          fetch: (url, init) => fetch(url, { ...init, headers: { ...init.headers, ...headers } }),
        },
      }),
    ],
  });
  const seen = { items: [] as string[], ids: [] as string[], error: undefined as unknown };
  const subscription = client.feed.subscribe(lastEventId === undefined ? undefined : { lastEventId }, {
    onData({ id, data: { change } }) {
      seen.ids.push(id);
      seen.items.push(change ? `${change.number} ${change.status}` : "began");
    },
    onError(error) {
      seen.error = error;
    },
  });
  return Object.assign(seen, { stop: () => subscription.unsubscribe() });
}
