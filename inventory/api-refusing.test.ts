import { afterAll, describe, expect, test } from "bun:test";
import { newId } from "@orderflow/common/ids";
import { anApi, refusalOf } from "./testing/an-api.ts";
import { stored } from "./testing/stored.ts";

const api = await anApi();
const { nobody, customer, operator } = api;
const { sql } = api.context;
afterAll(() => api.close());

const price = { amountMinor: 1900, currency: "EUR" };
const aCap = () => ({ idempotencyKey: newId(), sku: `CAP-${newId()}`, name: "Wool cap", unitPrice: price });

describe("who may change", () => {
  const calls = (client: typeof operator) => ({
    createProduct: () => client.createProduct.mutate(aCap()),
    updateProduct: () => client.updateProduct.mutate({ idempotencyKey: newId(), sku: "X", name: "Y" }),
    adjust: () => client.adjust.mutate({ idempotencyKey: newId(), sku: "X", delta: 1, reason: "count" }),
    movements: () => client.movements.query({ sku: "X" }),
  });
  test.each(["createProduct", "updateProduct", "adjust", "movements"] as const)("%s is for operators", async (name) => {
    const before = await stored(sql);
    expect(await refusalOf(calls(nobody)[name]())).toMatchObject({ code: "UNAUTHORIZED", reason: "unauthenticated" });
    expect(await refusalOf(calls(customer)[name]())).toMatchObject({ code: "FORBIDDEN", reason: "forbidden" });
    expect(await stored(sql)).toEqual(before);
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
    const before = await stored(sql);
    expect(await refusalOf(call())).toEqual({ code: "BAD_REQUEST", reason: "invalid_input", fields: [field] });
    expect(await stored(sql)).toEqual(before);
  });

  test("an update of nothing", async () => {
    const call = operator.updateProduct.mutate({ idempotencyKey: newId(), sku: "X" });
    expect(await refusalOf(call)).toMatchObject({ code: "BAD_REQUEST", reason: "invalid_input" });
  });
});
