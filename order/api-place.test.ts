import { afterAll, beforeAll, expect, test } from "bun:test";
import { aCustomer, aPlaceInput, type OpenOrder, openOrder } from "./testing/open-order.ts";
import { refusalOf } from "./testing/refusal-of.ts";

let order: OpenOrder;
beforeAll(async () => {
  order = await openOrder();
});
afterAll(() => order.close());

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
  const refused = await refusalOf((await order.as(caller)).place.mutate({ ...aPlaceInput(), ...wrong } as never));

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
  const refused = await refusalOf(client.place.mutate(input));

  expect(refused).toMatchObject({ code, reason });
  expect(refused.message).toContain(words);
  expect(await storedFor(caller.id)).toEqual({ orders: 0, keys: 0, events: 0 });
  const second = await client.place.mutate({ ...aPlaceInput(), idempotencyKey: input.idempotencyKey });
  expect(second.status).toBe("pending");
});

test.each(["no-mail", `${"a".repeat(400)}@example.com`, "", "a@example.com\nBcc: b@example.com"])(
  "an account whose address is %p places nothing that its listeners could not read",
  async (email) => {
    const caller = { ...aCustomer(), email };
    const refused = await refusalOf((await order.as(caller)).place.mutate(aPlaceInput()));
    expect(refused).toMatchObject({ code: "BAD_REQUEST", reason: "invalid_input" });
    expect(refused.message).toContain("e-mail");
    expect(await storedFor(caller.id)).toEqual({ orders: 0, keys: 0, events: 0 });
  },
);

test("a name that is too long is cut, and what is told of it is still text", async () => {
  const caller = { ...aCustomer(), name: `${"x".repeat(199)}\u{1f600}` };
  const { id } = await (await order.as(caller)).place.mutate(aPlaceInput());
  const [event] = await order.database.sql`select data from event where key = ${id}`;
  expect(event.data.contact.name).toBe(`${"x".repeat(199)}\ufffd`);
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

  expect(await refusalOf(client.place.mutate(other))).toMatchObject({
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

async function storedFor(customerId: string) {
  const [row] = await order.database.sql`select
    (select count(*) from customer_order where customer_id = ${customerId})::int as orders,
    (select count(*) from idempotency_key where caller_id = ${customerId})::int as keys,
    (select count(*) from event where data->>'customerId' = ${customerId})::int as events`;
  return row;
}
