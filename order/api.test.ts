import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { newId } from "@orderflow/common/ids";
import { type OrderStatus, orderStatuses } from "./domain/order.ts";
import { aCustomer, aPlaceInput, type OpenOrder, openOrder, operator } from "./testing/open-order.ts";
import { refusalOf } from "./testing/refusal-of.ts";

let order: OpenOrder;
beforeAll(async () => {
  order = await openOrder();
});
afterAll(() => order.close());

describe("reading", () => {
  test("another customer's order is not found, by any procedure; an operator sees it", async () => {
    const owner = await order.as(aCustomer());
    const stranger = await order.as(aCustomer());
    const { id: orderId } = await owner.place.mutate(aPlaceInput());
    const asked = [
      () => stranger.byId.query({ orderId }),
      () => stranger.timeline.query({ orderId }),
      () => stranger.cancel.mutate({ orderId, idempotencyKey: newId(), reason: "not mine" }),
      () => stranger.byId.query({ orderId: newId() }),
    ];

    for (const ask of asked) {
      expect(await refusalOf(ask())).toMatchObject({ code: "NOT_FOUND", reason: "order_not_found" });
    }
    expect((await (await order.as(operator)).byId.query({ orderId })).status).toBe("pending");
  });

  test("a list has the caller's own orders, newest first, in pages", async () => {
    const client = await order.as(aCustomer());
    const ids: string[] = [];
    for (let n = 0; n < 5; n++) ids.unshift((await client.place.mutate(aPlaceInput())).id);

    const first = await client.list.query({ limit: 2 });
    const second = await client.list.query({ limit: 3, cursor: first.nextCursor ?? "" });
    expect([...first.items, ...second.items].map((item) => item.id)).toEqual(ids);
    expect(second.nextCursor).toBeNull();
    expect((await client.list.query()).items).toHaveLength(5);
    expect((await client.list.query({ status: "shipped" })).items).toEqual([]);
    expect((await (await order.as(operator)).list.query({ limit: 1 })).items[0]?.id).toBe(ids[0] ?? "");
  });

  test.each([
    ["a cursor of nobody's", { cursor: "AAAA" }, "cursor"],
    ["a limit of 101", { limit: 101 }, "limit"],
    ["a limit of 0", { limit: 0 }, "limit"],
    ["a status that is none", { status: "lost" }, "status"],
  ])("%s is bad input", async (_, input, field) => {
    const refused = await refusalOf((await order.as(aCustomer())).list.query(input as never));
    expect(refused).toMatchObject({ code: "BAD_REQUEST", reason: "invalid_input" });
    expect(Object.keys(refused.fields ?? {})).toEqual([field]);
  });

  test("a timeline names each step with its time, event and trace", async () => {
    const client = await order.as(aCustomer());
    const { id: orderId, placedAt } = await client.place.mutate(aPlaceInput());
    await client.cancel.mutate({ orderId, idempotencyKey: newId(), reason: "changed my mind" });
    const { items } = await client.timeline.query({ orderId });

    expect(items.map(({ event, status }) => [event, status])).toEqual([
      ["order.created", "pending"],
      ["order.cancelled", "cancelled"],
    ]);
    expect(items[0]?.at).toBe(placedAt);
    for (const item of items) expect(item.traceId).toMatch(/^[0-9a-f]{32}$/);
    const stored = await order.database.sql`select id from event where key = ${orderId} order by position`;
    expect(items.map((item) => item.eventId)).toEqual(stored.map((event: { id: string }) => event.id));
  });
});

describe("cancelling", () => {
  const outcomes: Record<OrderStatus, string> = {
    pending: "cancelled",
    confirmed: "cancelled",
    shipped: "order_already_shipped",
    delivered: "order_already_shipped",
    rejected: "order_rejected",
    cancelled: "cancelled",
  };

  test.each([...orderStatuses])("an order that is %s", async (status) => {
    const client = await order.as(aCustomer());
    const { id: orderId } = await client.place.mutate(aPlaceInput());
    await order.database.sql`update customer_order set status = ${status} where id = ${orderId}`;
    const answer = client.cancel.mutate({ orderId, idempotencyKey: newId(), reason: "changed my mind" });

    const expected = outcomes[status];
    if (expected === "cancelled") expect((await answer).status).toBe("cancelled");
    else expect(await refusalOf(answer)).toMatchObject({ code: "CONFLICT", reason: expected });
    const isNew = status === "pending" || status === "confirmed";
    expect((await eventsOf(orderId)).length).toBe(isNew ? 2 : 1);
    const after = await client.byId.query({ orderId });
    expect(after.status).toBe(isNew ? "cancelled" : status);
  });

  test("the same key answers again, with another body it is refused, also when it placed the order", async () => {
    const client = await order.as(aCustomer());
    const input = aPlaceInput();
    const { id: orderId } = await client.place.mutate(input);
    const cancel = { orderId, idempotencyKey: newId(), reason: "changed my mind" };
    const first = await client.cancel.mutate(cancel);

    expect(await client.cancel.mutate(cancel)).toEqual(first);
    const reused = { code: "CONFLICT", reason: "idempotency_key_reused" };
    expect(await refusalOf(client.cancel.mutate({ ...cancel, reason: "another" }))).toMatchObject(reused);
    expect(await refusalOf(client.cancel.mutate({ ...cancel, idempotencyKey: input.idempotencyKey }))).toMatchObject(
      reused,
    );
    expect(await eventsOf(orderId)).toHaveLength(2);
  });

  test.each([
    ["an empty reason", { reason: " " }, "reason"],
    ["a reason of 201 letters", { reason: "x".repeat(201) }, "reason"],
    ["an order id that is no UUID", { orderId: "1" }, "orderId"],
  ])("%s is bad input", async (_, wrong, field) => {
    const input = { orderId: newId(), idempotencyKey: newId(), reason: "changed my mind", ...wrong };
    const refused = await refusalOf((await order.as(aCustomer())).cancel.mutate(input));
    expect(Object.keys(refused.fields ?? {})).toEqual([field]);
  });
});

describe("authorizing a dispatch", () => {
  test("worker is let through once the order is confirmed, again and again, and then nobody can cancel", async () => {
    const client = await order.as(aCustomer());
    const worker = await order.asService("worker");
    const { id: orderId } = await client.place.mutate(aPlaceInput());
    const authorize = () => worker.fulfilment.authorizeDispatch.mutate({ orderId });

    expect(await refusalOf(authorize())).toMatchObject({ code: "CONFLICT", reason: "order_still_pending" });
    await order.database.sql`update customer_order set status = 'confirmed' where id = ${orderId}`;
    const first = await authorize();
    expect(await authorize()).toEqual(first);
    const cancel = client.cancel.mutate({ orderId, idempotencyKey: newId(), reason: "too late" });
    expect(await refusalOf(cancel)).toMatchObject({ reason: "order_already_shipped" });
  });

  test("of 20 cancels and authorizations at once either the cancel wins or the dispatch, never both", async () => {
    const client = await order.as(aCustomer());
    const worker = await order.asService("worker");
    for (let round = 0; round < 10; round++) {
      const { id: orderId } = await client.place.mutate(aPlaceInput());
      await order.database.sql`update customer_order set status = 'confirmed' where id = ${orderId}`;
      const reason = "changed my mind";
      const [cancelled, authorized] = await Promise.allSettled([
        client.cancel.mutate({ orderId, idempotencyKey: newId(), reason }),
        worker.fulfilment.authorizeDispatch.mutate({ orderId }),
      ]);
      expect([cancelled.status, authorized.status].sort()).toEqual(["fulfilled", "rejected"]);
    }
  });

  test("many are authorized in one call, each refused alone and answered where it was asked", async () => {
    const client = await order.as(aCustomer());
    const worker = await order.asService("worker");
    const placed = await Promise.all([1, 2, 3].map(() => client.place.mutate(aPlaceInput())));
    const [confirmed = "", pending = "", cancelled = ""] = placed.map(({ id }) => id);
    await order.database.sql`update customer_order set status = 'confirmed' where id = ${confirmed}`;
    await client.cancel.mutate({ orderId: cancelled, idempotencyKey: newId(), reason: "changed my mind" });
    const orderIds = [cancelled, newId(), confirmed, pending, confirmed];
    const answers = await worker.fulfilment.authorizeDispatches.mutate({ orderIds });
    expect(answers.map((answer) => ("refusal" in answer ? answer.refusal.reason : answer.orderId))).toEqual([
      "order_not_confirmed",
      "order_not_found",
      confirmed,
      "order_still_pending",
      confirmed,
    ]);
    expect(answers[2]).toEqual(await worker.fulfilment.authorizeDispatch.mutate({ orderId: confirmed }));
    const cancel = client.cancel.mutate({ orderId: confirmed, idempotencyKey: newId(), reason: "too late" });
    expect(await refusalOf(cancel)).toMatchObject({ reason: "order_already_shipped" });
    const tooMany = worker.fulfilment.authorizeDispatches.mutate({
      orderIds: Array.from({ length: 51 }, () => newId()),
    });
    expect(await refusalOf(tooMany)).toMatchObject({ code: "BAD_REQUEST" });
  });

  test("an order that is not there is not found", async () => {
    const worker = await order.asService("worker");
    const asked = worker.fulfilment.authorizeDispatch.mutate({ orderId: newId() });
    expect(await refusalOf(asked)).toMatchObject({ code: "NOT_FOUND", reason: "order_not_found" });
  });
});

async function eventsOf(orderId: string) {
  return await order.database.sql`select type from event where key = ${orderId}`;
}
