import { afterAll, describe, expect, test } from "bun:test";
import type { Role } from "@orderflow/common/auth/caller";
import { createTokenSigner } from "@orderflow/common/auth/internal-token";
import { newId } from "@orderflow/common/ids";
import { createInternalClient } from "@orderflow/common/trpc/internal-client";
import { callerHeaders } from "@orderflow/tools/testing/caller-headers";
import { testKeys } from "@orderflow/tools/testing/test-keys";
import { createTRPCClient, httpLink, TRPCClientError } from "@trpc/client";
import { openApi } from "./api.ts";
import {
  createInventoryInternalRouter,
  type InventoryInternalRouter,
  type InventoryRouter,
} from "./handlers/router.ts";
import { aContext } from "./testing/a-context.ts";
import { aProductRow } from "./testing/a-product-row.ts";

const shop = await aContext();
const { sql } = shop.context;
const door = await openApi(shop.context);
afterAll(async () => {
  await door.close();
  await shop.drop();
});

async function clientOf(role: Role) {
  const headers = await callerHeaders(role);
  return createTRPCClient<InventoryRouter>({ links: [httpLink({ url: `${door.url}/trpc`, headers })] });
}
const [nobody, customer, operator] = await Promise.all([
  clientOf("nobody"),
  clientOf("customer"),
  clientOf("operator"),
]);

type Refused = { code: string; reason: string | undefined; fields: string[] };

async function refusalOf(call: Promise<unknown>): Promise<Refused> {
  try {
    await call;
  } catch (error) {
    if (!(error instanceof TRPCClientError)) throw error;
    return { code: error.data?.code, reason: error.data?.reason, fields: Object.keys(error.data?.fields ?? {}) };
  }
  throw new Error("the call was not refused");
}

const idempotencyKey = () => newId();
const price = { amountMinor: 1900, currency: "EUR" };
const aCap = () => ({ idempotencyKey: newId(), sku: `CAP-${newId()}`, name: "Wool cap", unitPrice: price });

/** All that a mutation could have left behind. */
async function stored() {
  const [row] = await sql`
    select (select count(*) from product) as products, (select sum(on_hand) from stock) as on_hand,
           (select count(*) from stock_movement) as movements, (select head from stream where name = 'inventory') as head,
           (select count(*) from idempotency_key) as keys`;
  return { ...row };
}

describe("looking", () => {
  test("nobody in particular sees a product and its stock", async () => {
    const sku = await aProductRow(sql, { name: "Enamel mug", onHand: 7 });
    expect(await nobody.bySku.query({ sku })).toEqual({
      sku,
      name: "Enamel mug",
      description: "",
      unitPrice: { amountMinor: 1250, currency: "EUR" },
      isActive: true,
      version: 1,
      available: 7,
      onHand: 7,
      reserved: 0,
    });
    expect(await nobody.availability.query({ skus: [sku, "GONE"] })).toEqual({ items: [{ sku, available: 7 }] });
  });

  test("what is not for sale is shown to operators alone", async () => {
    const word = `hidden${newId().slice(-8)}`;
    const sku = await aProductRow(sql, { name: word });
    await operator.updateProduct.mutate({ idempotencyKey: newId(), sku, isActive: false });
    expect(await refusalOf(customer.bySku.query({ sku }))).toMatchObject({ code: "NOT_FOUND", reason: "unknown_sku" });
    expect((await customer.search.query({ text: word })).items).toEqual([]);
    expect((await customer.availability.query({ skus: [sku] })).items).toEqual([]);
    expect((await operator.search.query({ text: word })).items).toHaveLength(1);
    expect((await operator.bySku.query({ sku })).isActive).toBe(false);
  });

  test("pages follow one another without a gap or a double", async () => {
    const word = `paged${newId().slice(-8)}`;
    const skus = await Promise.all(Array.from({ length: 7 }, () => aProductRow(sql, { name: `Cup ${word}` })));
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await nobody.search.query({ text: word, limit: 3, cursor });
      seen.push(...page.items.map(({ sku }) => sku));
      cursor = page.nextCursor ?? undefined;
    } while (cursor);
    expect(seen).toEqual(skus.toSorted());
  });

  test.each([
    ["another case", "ZANZIBAR lamp", "zanzibar", true],
    ["the beginning of a word", "Zanzibar lamp", "zanz", true],
    ["words in any order", "Zanzibar lamp", "lamp zanzibar", true],
    ["without its accents", "Žánžibár", "zanzibar", true],
    ["a word it does not have", "Zanzibar lamp", "zanzibar desk", false],
    ["a wildcard for many", "Zanzibar", "zan%bar", false],
    ["a wildcard for one", "Zanzibar", "zanz_bar", false],
    ["a wildcard alone", "Zanzibar", "%", false],
    ["an operator of the index", "Zanzibar", "zanzibar | !x'", false],
  ])("a product is searched by %s", async (_, name, text, isFound) => {
    const sku = await aProductRow(sql, { name });
    const { items } = await operator.search.query({ text, limit: 100 });
    expect(items.some((item) => item.sku === sku)).toBe(isFound);
  });

  test("by its SKU", async () => {
    const sku = await aProductRow(sql, { sku: `XYZ-${Date.now()}` });
    expect((await nobody.search.query({ text: sku.toLowerCase() })).items.map((item) => item.sku)).toEqual([sku]);
  });
});

describe("who may change", () => {
  const calls = (client: typeof operator) => ({
    createProduct: () => client.createProduct.mutate(aCap()),
    updateProduct: () => client.updateProduct.mutate({ idempotencyKey: newId(), sku: "X", name: "Y" }),
    adjust: () => client.adjust.mutate({ idempotencyKey: newId(), sku: "X", delta: 1, reason: "count" }),
    movements: () => client.movements.query({ sku: "X" }),
  });
  test.each(["createProduct", "updateProduct", "adjust", "movements"] as const)("%s is for operators", async (name) => {
    const before = await stored();
    expect(await refusalOf(calls(nobody)[name]())).toMatchObject({ code: "UNAUTHORIZED", reason: "unauthenticated" });
    expect(await refusalOf(calls(customer)[name]())).toMatchObject({ code: "FORBIDDEN", reason: "forbidden" });
    expect(await stored()).toEqual(before);
  });
});

describe("bad input", () => {
  const adjusting = (more: object) =>
    operator.adjust.mutate({ idempotencyKey: newId(), sku: "X", delta: 1, reason: "r", ...more });
  const creating = (more: object) => operator.createProduct.mutate({ ...aCap(), ...more });
  test.each([
    ["adjust by 0", () => adjusting({ delta: 0 }), "delta"],
    ["adjust by a fraction", () => adjusting({ delta: 1.5 }), "delta"],
    ["adjust by too much", () => adjusting({ delta: 1_000_001 }), "delta"],
    ["adjust by too little", () => adjusting({ delta: -1_000_001 }), "delta"],
    ["adjust without a reason", () => adjusting({ reason: "  " }), "reason"],
    ["adjust for a long reason", () => adjusting({ reason: "r".repeat(201) }), "reason"],
    ["adjust without a key", () => adjusting({ idempotencyKey: "x" }), "idempotencyKey"],
    ["adjust something that is no SKU", () => adjusting({ sku: "a b" }), "sku"],
    ["create without a name", () => creating({ name: "" }), "name"],
    [
      "create with a negative price",
      () => creating({ unitPrice: { ...price, amountMinor: -1 } }),
      "unitPrice.amountMinor",
    ],
    ["create with half a cent", () => creating({ unitPrice: { ...price, amountMinor: 0.5 } }), "unitPrice.amountMinor"],
    ["create in no currency", () => creating({ unitPrice: { ...price, currency: "euro" } }), "unitPrice.currency"],
    ["create with negative stock", () => creating({ initialStock: -1 }), "initialStock"],
    ["search a long text", () => nobody.search.query({ text: "x".repeat(101) }), "text"],
    ["search none", () => nobody.search.query({ limit: 0 }), "limit"],
    ["search too many", () => nobody.search.query({ limit: 101 }), "limit"],
    ["search from a forged cursor", () => nobody.search.query({ cursor: "%%%" }), "cursor"],
    ["movements from a forged cursor", () => operator.movements.query({ sku: "X", cursor: "eA" }), "cursor"],
    ["availability of none", () => nobody.availability.query({ skus: [] }), "skus"],
    ["availability of 101", () => nobody.availability.query({ skus: Array(101).fill("X") }), "skus"],
  ])("%s", async (_, call, field) => {
    const before = await stored();
    expect(await refusalOf(call())).toEqual({ code: "BAD_REQUEST", reason: "invalid_input", fields: [field] });
    expect(await stored()).toEqual(before);
  });

  test("an update of nothing", async () => {
    const call = operator.updateProduct.mutate({ idempotencyKey: newId(), sku: "X" });
    expect(await refusalOf(call)).toMatchObject({ code: "BAD_REQUEST", reason: "invalid_input" });
  });
});

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
    const key = idempotencyKey();
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
    const before = await stored();
    const call = operator.adjust.mutate({ idempotencyKey: newId(), sku, delta, reason: "count" });
    expect(await refusalOf(call)).toMatchObject({ code, reason });
    expect(await stored()).toEqual(before);
  });

  test("movements of what nobody knows are not found", async () => {
    expect(await refusalOf(operator.movements.query({ sku: "GONE" }))).toMatchObject({ reason: "unknown_sku" });
  });

  test("one of 20 who create the same SKU at once, under keys of their own, gets it", async () => {
    const { sku } = aCap();
    const other = await shop.another();
    const otherDoor = await openApi(other);
    const headers = await callerHeaders("operator");
    const elsewhere = createTRPCClient<InventoryRouter>({
      links: [httpLink({ url: `${otherDoor.url}/trpc`, headers })],
    });
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
    const other = await shop.another();
    const otherDoor = await openApi(other);
    const headers = await callerHeaders("operator");
    const elsewhere = createTRPCClient<InventoryRouter>({
      links: [httpLink({ url: `${otherDoor.url}/trpc`, headers })],
    });
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
      url: door.url,
      audience: "inventory",
      signer,
      issuer,
      timeoutMs: 2_000,
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
    const router = createInventoryInternalRouter(sql).createCaller({ ...shop.context, ...ids, caller });
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
