import { afterAll, describe, expect, test } from "bun:test";
import { newId } from "@orderflow/common/ids";
import { aProductRow } from "./testing/a-product-row.ts";
import { anApi, refusalOf } from "./testing/an-api.ts";

const api = await anApi();
const { nobody, customer, operator } = api;
const { sql } = api.context;
afterAll(() => api.close());

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
