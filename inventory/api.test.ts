import { afterAll, describe, expect, test } from "bun:test";
import type { Role } from "@orderflow/common/auth/caller";
import { createTokenSigner } from "@orderflow/common/auth/internal-token";
import { newId } from "@orderflow/common/ids";
import { fixedPeers } from "@orderflow/common/resilience/testing/fixed-peers";
import { createInternalClient } from "@orderflow/common/trpc/internal-client";
import { callerHeaders } from "@orderflow/tools/testing/caller-headers";
import { testKeys } from "@orderflow/tools/testing/test-keys";
import { openApi } from "./api.ts";
import type { InventoryInternalRouter } from "./handlers/router.ts";
import { createInventoryInternalRouter } from "./handlers/router.ts";
import { aProductRow } from "./testing/a-product-row.ts";
import { anApi, clientOf, refusalOf } from "./testing/an-api.ts";
import { stored } from "./testing/stored.ts";

const api = await anApi();
const { nobody, operator, door } = api;
const { sql } = api.context;
afterAll(() => api.close());

const price = { amountMinor: 1900, currency: "EUR" };
const aCap = () => ({ idempotencyKey: newId(), sku: `CAP-${newId()}`, name: "Wool cap", unitPrice: price });

describe("changing", () => {
  test("a product is created, updated and told of", async () => {
    const cap = aCap();
    expect(await operator.createProduct.mutate({ ...cap, initialStock: 4 })).toMatchObject({
      version: 1,
      available: 4,
    });
    const update = { idempotencyKey: newId(), sku: cap.sku, name: "Felt cap" };
    expect(await operator.updateProduct.mutate(update)).toMatchObject({
      name: "Felt cap",
      version: 2,
      unitPrice: price,
    });
    const told = await sql`select type, correlation_id from event where key = ${cap.sku} order by position`;
    expect(told.map((row: { type: string }) => row.type)).toEqual(["product.created", "product.updated"]);
    expect(told[0].correlation_id).toBeString();
    expect((await nobody.search.query({ text: "felt" })).items.map(({ sku }) => sku)).toContain(cap.sku);
  });

  test("an adjustment is a movement with its cause, its reason and who did it", async () => {
    const sku = await aProductRow(sql);
    const key = newId();
    const adjusted = await operator.adjust.mutate({ idempotencyKey: key, sku, delta: -4, reason: "broken" });
    expect(adjusted).toMatchObject({ onHand: 6, available: 6, reserved: 0 });
    const { items, nextCursor } = await operator.movements.query({ sku, limit: 1 });
    expect(items).toMatchObject([
      {
        kind: "adjusted",
        onHandDelta: -4,
        onHandAfter: 6,
        cause: key,
        reason: "broken",
        actor: "operator-1",
        orderId: null,
      },
    ]);
    const older = await operator.movements.query({ sku, cursor: nextCursor ?? "" });
    expect(older).toMatchObject({ items: [{ kind: "received", onHandAfter: 10 }], nextCursor: null });
  });

  test.each([
    ["below zero", -11, "insufficient_stock", "CONFLICT"],
    ["what nobody knows", 1, "unknown_sku", "NOT_FOUND"],
  ])("adjusting %s is refused, and nothing of it is stored", async (_, delta, reason, code) => {
    const sku = delta < 0 ? await aProductRow(sql) : `GONE-${newId()}`;
    const before = await stored(sql);
    const call = operator.adjust.mutate({ idempotencyKey: newId(), sku, delta, reason: "count" });
    expect(await refusalOf(call)).toMatchObject({ code, reason });
    expect(await stored(sql)).toEqual(before);
  });

  test("movements of what nobody knows are not found", async () => {
    expect(await refusalOf(operator.movements.query({ sku: "GONE" }))).toMatchObject({ reason: "unknown_sku" });
  });

  test("one of 20 who create the same SKU at once, under keys of their own, gets it", async () => {
    const { sku } = aCap();
    const other = await api.another();
    const otherDoor = await openApi(other);
    const elsewhere = await clientOf(otherDoor.url, "operator");
    const calls = Array.from({ length: 20 }, (_, n) =>
      (n % 2 ? operator : elsewhere).createProduct.mutate({ ...aCap(), sku }),
    );
    const outcomes = await Promise.allSettled(calls);
    await otherDoor.close();
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    const refused = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason.data.reason] : []));
    expect(new Set(refused)).toEqual(new Set(["sku_taken"]));
  });
});

describe("an idempotency key", () => {
  test("with the same body answers as before, though the stock has moved on", async () => {
    const sku = await aProductRow(sql);
    const first = { idempotencyKey: newId(), sku, delta: 5, reason: "found" };
    const answer = await operator.adjust.mutate(first);
    await operator.adjust.mutate({ ...first, idempotencyKey: newId() });
    expect(await operator.adjust.mutate(first)).toEqual(answer);
    expect((await nobody.bySku.query({ sku })).onHand).toBe(20);
  });

  test("with another body, or for another call, is refused", async () => {
    const sku = await aProductRow(sql);
    const first = { idempotencyKey: newId(), sku, delta: 5, reason: "found" };
    await operator.adjust.mutate(first);
    const reused = { code: "CONFLICT", reason: "idempotency_key_reused" };
    expect(await refusalOf(operator.adjust.mutate({ ...first, delta: 6 }))).toMatchObject(reused);
    const update = { idempotencyKey: first.idempotencyKey, sku, name: "Cup" };
    expect(await refusalOf(operator.updateProduct.mutate(update))).toMatchObject(reused);
    expect(await nobody.bySku.query({ sku })).toMatchObject({ onHand: 15, version: 1 });
  });

  test("of a refused call may be used again", async () => {
    const sku = await aProductRow(sql, { onHand: 1 });
    const taking = { idempotencyKey: newId(), sku, delta: -2, reason: "count" };
    await refusalOf(operator.adjust.mutate(taking));
    await operator.adjust.mutate({ idempotencyKey: newId(), sku, delta: 1, reason: "found" });
    expect((await operator.adjust.mutate(taking)).onHand).toBe(0);
  });

  test.each(["adjust", "createProduct"] as const)("used by 20 at once is applied once: %s", async (name) => {
    const cap = { ...aCap(), initialStock: 5 };
    const sku = name === "adjust" ? await aProductRow(sql, { onHand: 0 }) : cap.sku;
    const adjustment = { idempotencyKey: newId(), sku, delta: 5, reason: "found" };
    const other = await api.another();
    const otherDoor = await openApi(other);
    const elsewhere = await clientOf(otherDoor.url, "operator");
    const call = (client: typeof operator) =>
      name === "adjust" ? client.adjust.mutate(adjustment) : client.createProduct.mutate(cap);
    const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => call(n % 2 ? operator : elsewhere)));
    await otherDoor.close();
    for (const answer of answers) expect(answer).toEqual(answers[0] as typeof answer);
    expect((await nobody.bySku.query({ sku })).onHand).toBe(5);
    expect((await operator.movements.query({ sku })).items).toHaveLength(1);
  });
});

describe("between services", () => {
  const internal = async (issuer: string) => {
    const { privateKeys } = await testKeys();
    const signer = createTokenSigner({ issuer, privateKey: privateKeys[issuer] ?? "" });
    return createInternalClient<InventoryInternalRouter>({
      target: fixedPeers({ inventory: door.url }).target({ service: "inventory" }),
      signer,
      issuer,
    });
  };

  test("order is quoted what is for sale, and nothing else", async () => {
    const [sold, hidden] = [await aProductRow(sql, { onHand: 3 }), await aProductRow(sql)];
    await operator.updateProduct.mutate({ idempotencyKey: newId(), sku: hidden, isActive: false });
    const client = await internal("order");
    expect(await client.quote.mutate({ skus: [sold, sold, hidden, "GONE"] })).toEqual({
      quotes: [{ sku: sold, name: "Stoneware mug", unitPrice: { amountMinor: 1250, currency: "EUR" }, available: 3 }],
    });
  });

  test("notify reads what was told", async () => {
    const cap = aCap();
    await operator.createProduct.mutate(cap);
    const page = await (await internal("notify")).events.read.query({ stream: "inventory", after: 0, limit: 500 });
    expect(page.events.some((event) => event.partitionkey === cap.sku)).toBe(true);
  });

  test.each<[Role, string]>([
    ["operator", "FORBIDDEN"],
    ["nobody", "UNAUTHORIZED"],
  ])("the procedures themselves refuse %s, whatever the door let in", async (role, code) => {
    const caller = { role, id: role, name: role, email: "" };
    const ids = { traceId: "", correlationId: "", requestId: "" };
    const router = createInventoryInternalRouter(sql).createCaller({ ...api.context, ...ids, caller });
    await expect(router.quote({ skus: ["X"] })).rejects.toMatchObject({ code });
    await expect(router.events.read({ stream: "inventory", after: 0, limit: 1 })).rejects.toMatchObject({ code });
  });

  test("nobody else may ask", async () => {
    const answers = await Promise.all(
      [{}, await callerHeaders("operator")].map((headers) =>
        fetch(`${door.url}/internal/quote`, {
          method: "POST",
          headers: { "content-type": "application/json", ...headers },
          body: JSON.stringify({ skus: ["X"] }),
        }),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual([401, 401]);
  });
});
