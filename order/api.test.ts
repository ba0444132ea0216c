import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { newId } from "@orderflow/common/ids";
import { TRPCClientError } from "@trpc/client";
import { type OrderStatus, orderStatuses } from "./domain/order.ts";
import { aCustomer, aPlaceInput, type OpenOrder, openOrder, operator } from "./testing/open-order.ts";

let order: OpenOrder;
beforeAll(async () => {
  order = await openOrder();
});
afterAll(() => order.close());

describe("placing", () => {
  test("an order is answered with its number, names, prices and total", async () => {
    const caller = aCustomer();
    const input = aPlaceInput();
    const placed = await (await order.as(caller)).place.mutate(input);

    expect(placed).toMatchObject({
      status: "pending",
      customerId: caller.id,
      lines: [
        { sku: "TEA-1", name: "Green tea", quantity: 2, unitPrice: { amountMinor: 450, currency: "EUR" } },
        { sku: "CUP-1", name: "Cup", quantity: 1, unitPrice: { amountMinor: 900, currency: "EUR" } },
      ],
      total: { amountMinor: 1_800, currency: "EUR" },
      shippingAddress: input.shippingAddress,
      version: 1,
    });
    expect(await (await order.as(caller)).byId.query({ orderId: placed.id })).toEqual(placed);
  });

  test.each([
    ["a quantity of zero", { lines: [{ sku: "TEA-1", quantity: 0 }] }, "lines.0.quantity"],
    ["a negative quantity", { lines: [{ sku: "TEA-1", quantity: -1 }] }, "lines.0.quantity"],
    ["a huge quantity", { lines: [{ sku: "TEA-1", quantity: 1_001 }] }, "lines.0.quantity"],
    ["a quantity past safe integers", { lines: [{ sku: "TEA-1", quantity: 1e300 }] }, "lines.0.quantity"],
    ["a fractional quantity", { lines: [{ sku: "TEA-1", quantity: 1.5 }] }, "lines.0.quantity"],
    ["a quantity in words", { lines: [{ sku: "TEA-1", quantity: "1" }] }, "lines.0.quantity"],
    ["no lines", { lines: [] }, "lines"],
    ["51 lines", { lines: Array.from({ length: 51 }, (_, n) => ({ sku: `TEA-${n}`, quantity: 1 })) }, "lines"],
    ["the same SKU twice", { lines: ["CUP-1", "CUP-1"].map((sku) => ({ sku, quantity: 1 })) }, "lines.1.sku"],
    ["a SKU with a space", { lines: [{ sku: "TEA 1", quantity: 1 }] }, "lines.0.sku"],
    [
      "a country that is none",
      { shippingAddress: { ...aPlaceInput().shippingAddress, country: "ZZ" } },
      "shippingAddress.country",
    ],
    [
      "a country in small letters",
      { shippingAddress: { ...aPlaceInput().shippingAddress, country: "gb" } },
      "shippingAddress.country",
    ],
    ["no city", { shippingAddress: { ...aPlaceInput().shippingAddress, city: " " } }, "shippingAddress.city"],
    ["a key that is no UUID", { idempotencyKey: "1" }, "idempotencyKey"],
  ])("%s is bad input that names its field", async (_, wrong, field) => {
    const caller = aCustomer();
    const refused = await refusal((await order.as(caller)).place.mutate({ ...aPlaceInput(), ...wrong } as never));

    expect(refused).toMatchObject({ code: "BAD_REQUEST", httpStatus: 400, reason: "invalid_input", path: "place" });
    expect(Object.keys(refused.fields ?? {})).toEqual([field]);
    expect(await storedFor(caller.id)).toEqual({ orders: 0, keys: 0, events: 0 });
  });

  test.each([
    ["an unknown SKU", ["TEA-1", "NONE-1"], 1, "NOT_FOUND", "unknown_sku", "NONE-1"],
    ["more than is available", ["LAMP-1"], 2, "CONFLICT", "out_of_stock", "Only 1 of LAMP-1"],
    ["two currencies", ["TEA-1", "BOOK-1"], 1, "UNPROCESSABLE_CONTENT", "mixed_currencies", "EUR, USD"],
  ])("%s is refused, and the same key may try again", async (_, skus, quantity, code, reason, words) => {
    const caller = aCustomer();
    const client = await order.as(caller);
    const input = { ...aPlaceInput(), lines: skus.map((sku) => ({ sku, quantity })) };
    const refused = await refusal(client.place.mutate(input));

    expect(refused).toMatchObject({ code, reason });
    expect(refused.message).toContain(words);
    expect(await storedFor(caller.id)).toEqual({ orders: 0, keys: 0, events: 0 });
    const second = await client.place.mutate({ ...aPlaceInput(), idempotencyKey: input.idempotencyKey });
    expect(second.status).toBe("pending");
  });

  test("the same key answers as before, though the stock is gone and inventory is away", async () => {
    const caller = aCustomer();
    const client = await order.as(caller);
    const input = { ...aPlaceInput(), lines: [{ sku: "LAMP-1", quantity: 1 }] };
    const first = await client.place.mutate(input);
    const askedBefore = order.inventory.asked;
    order.inventory.isAway = true;
    const again = await client.place.mutate({ ...input, idempotencyKey: input.idempotencyKey.toUpperCase() });
    order.inventory.isAway = false;

    expect(again).toEqual(first);
    expect(order.inventory.asked).toBe(askedBefore);
    expect(await storedFor(caller.id)).toEqual({ orders: 1, keys: 1, events: 1 });
  });

  test("the same key with another body is refused, and another caller's equal key is not", async () => {
    const [ada, eve] = [aCustomer(), aCustomer()];
    const input = aPlaceInput();
    const client = await order.as(ada);
    await client.place.mutate(input);
    const other = { ...input, shippingAddress: { ...input.shippingAddress, city: "Leeds" } };

    expect(await refusal(client.place.mutate(other))).toMatchObject({
      code: "CONFLICT",
      reason: "idempotency_key_reused",
    });
    expect(await storedFor(ada.id)).toEqual({ orders: 1, keys: 1, events: 1 });
    expect((await (await order.as(eve)).place.mutate(other)).customerId).toBe(eve.id);
  });

  test("20 at once with one key and one body are one order", async () => {
    const caller = aCustomer();
    const client = await order.as(caller);
    const input = aPlaceInput();
    const answers = await Promise.all(Array.from({ length: 20 }, () => client.place.mutate(input)));

    expect(new Set(answers.map((answer) => answer.id)).size).toBe(1);
    expect(await storedFor(caller.id)).toEqual({ orders: 1, keys: 1, events: 1 });
  });

  test("20 at once with one key and two bodies are one order; the other body is refused", async () => {
    const caller = aCustomer();
    const client = await order.as(caller);
    const input = aPlaceInput();
    const other = { ...input, lines: [{ sku: "CUP-1", quantity: 7 }] };
    const answers = await Promise.allSettled(
      Array.from({ length: 20 }, (_, n) => client.place.mutate(n % 2 ? other : input)),
    );

    const refused = answers.flatMap((answer) => (answer.status === "rejected" ? [answer.reason.data.reason] : []));
    expect(refused).toEqual(Array.from({ length: 10 }, () => "idempotency_key_reused"));
    expect(await storedFor(caller.id)).toEqual({ orders: 1, keys: 1, events: 1 });
  });

  test("a refusal never fails its neighbours in the batch, which ask for one quote", async () => {
    const callers = Array.from({ length: 30 }, aCustomer);
    const clients = await Promise.all(callers.map((caller) => order.as(caller)));
    const askedBefore = order.inventory.asked;
    const answers = await Promise.allSettled(
      clients.map((client, n) =>
        client.place.mutate({ ...aPlaceInput(), lines: [{ sku: n % 3 ? "TEA-1" : "NONE-1", quantity: 1 }] }),
      ),
    );

    expect(answers.filter((answer) => answer.status === "fulfilled")).toHaveLength(20);
    for (const [n, caller] of callers.entries()) {
      const stored = n % 3 ? { orders: 1, keys: 1, events: 1 } : { orders: 0, keys: 0, events: 0 };
      expect(await storedFor(caller.id)).toEqual(stored);
    }
    expect(order.inventory.asked - askedBefore).toBeLessThan(30);
  });

  test("while inventory is away placing is unavailable and says when to ask again", async () => {
    order.inventory.isAway = true;
    const headers = { ...(await order.headersOf(aCustomer())), "content-type": "application/json" };
    const response = await fetch(`${order.url}/trpc/place`, {
      method: "POST",
      headers,
      body: JSON.stringify(aPlaceInput()),
    });
    order.inventory.isAway = false;

    expect(response.status).toBe(503);
    expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(await response.json()).toMatchObject({ error: { data: { reason: "dependency_unavailable" } } });
  });
});

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
      expect(await refusal(ask())).toMatchObject({ code: "NOT_FOUND", reason: "order_not_found" });
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
    const refused = await refusal((await order.as(aCustomer())).list.query(input as never));
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
    else expect(await refusal(answer)).toMatchObject({ code: "CONFLICT", reason: expected });
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
    expect(await refusal(client.cancel.mutate({ ...cancel, reason: "another" }))).toMatchObject(reused);
    expect(await refusal(client.cancel.mutate({ ...cancel, idempotencyKey: input.idempotencyKey }))).toMatchObject(
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
    const refused = await refusal((await order.as(aCustomer())).cancel.mutate(input));
    expect(Object.keys(refused.fields ?? {})).toEqual([field]);
  });
});

describe("authorizing a dispatch", () => {
  test("worker is let through once the order is confirmed, again and again, and then nobody can cancel", async () => {
    const client = await order.as(aCustomer());
    const worker = await order.asService("worker");
    const { id: orderId } = await client.place.mutate(aPlaceInput());
    const authorize = () => worker.fulfilment.authorizeDispatch.mutate({ orderId });

    expect(await refusal(authorize())).toMatchObject({ code: "CONFLICT", reason: "order_not_confirmed" });
    await order.database.sql`update customer_order set status = 'confirmed' where id = ${orderId}`;
    const first = await authorize();
    expect(await authorize()).toEqual(first);
    const cancel = client.cancel.mutate({ orderId, idempotencyKey: newId(), reason: "too late" });
    expect(await refusal(cancel)).toMatchObject({ reason: "order_already_shipped" });
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

  test("an order that is not there is not found", async () => {
    const worker = await order.asService("worker");
    const asked = worker.fulfilment.authorizeDispatch.mutate({ orderId: newId() });
    expect(await refusal(asked)).toMatchObject({ code: "NOT_FOUND", reason: "order_not_found" });
  });
});

type Told = { code: string; httpStatus: number; reason?: string; fields?: Record<string, string[]>; message: string };

async function refusal(answer: Promise<unknown>): Promise<Told> {
  const error = await answer.then(
    () => new Error("it was accepted"),
    (reason: unknown) => reason,
  );
  if (!(error instanceof TRPCClientError)) throw error;
  return { ...error.data, message: error.message };
}

async function storedFor(customerId: string) {
  const [row] = await order.database.sql`select
    (select count(*) from customer_order where customer_id = ${customerId})::int as orders,
    (select count(*) from idempotency_key where caller_id = ${customerId})::int as keys,
    (select count(*) from event where data->>'customerId' = ${customerId})::int as events`;
  return row;
}

async function eventsOf(orderId: string) {
  return await order.database.sql`select type from event where key = ${orderId}`;
}
