import { describe, expect, test } from "bun:test";
import { aCause, aProduct, aStock, someShelves } from "./a-shelf.ts";
import { noChange } from "./change.ts";
import { createProduct, updateProduct } from "./product.ts";

const eur = (amountMinor: number) => ({ amountMinor, currency: "EUR" });
const cap = { sku: "CAP-0001", name: "Wool cap", description: "Warm", unitPrice: eur(1900) };

describe("creating a product", () => {
  test("with initial stock, received by a movement", () => {
    const change = createProduct(someShelves(), { ...cap, initialStock: 12 }, aCause());
    expect(change.products).toEqual([expect.objectContaining({ ...cap, isActive: true, version: 1 })]);
    expect(change.stocks).toEqual([aStock({ sku: "CAP-0001", onHand: 12 })]);
    expect(change.movements).toEqual([expect.objectContaining({ kind: "received", onHandDelta: 12, onHandAfter: 12 })]);
    expect(change.facts).toMatchObject([{ type: "product.created", key: "CAP-0001", data: { version: 1 } }]);
  });

  test("without stock there is no movement, but a shelf", () => {
    const change = createProduct(someShelves(), { ...cap, initialStock: 0 }, aCause());
    expect(change.stocks).toEqual([aStock({ sku: "CAP-0001", onHand: 0 })]);
    expect(change.movements).toEqual([]);
  });

  test("under a SKU that is taken is refused", () => {
    const again = { ...cap, sku: "MUG-0001", initialStock: 0 };
    expect(() => createProduct(someShelves(), again, aCause())).toThrow(
      expect.objectContaining({ reason: "sku_taken" }),
    );
  });
});

describe("updating a product", () => {
  test.each([
    ["name", { name: "Mug, glazed" }],
    ["description", { description: "Dishwasher safe" }],
    ["unit price", { unitPrice: eur(1300) }],
    ["activity", { isActive: false }],
  ])("%s makes a new version and leaves the rest", (_, update) => {
    const shelves = someShelves();
    const change = updateProduct(shelves, { sku: "MUG-0001", ...update }, aCause({ at: new Date("2026-04-01") }));
    const before = shelves.product("MUG-0001") ?? aProduct();
    expect(change.products).toEqual([{ ...before, ...update, version: 2, updatedAt: new Date("2026-04-01") }]);
    expect(change.facts).toMatchObject([{ type: "product.updated", data: { version: 2 } }]);
  });

  test("to what it is already changes nothing", () => {
    const update = { sku: "MUG-0001", name: "Product MUG-0001", unitPrice: eur(1250) };
    expect(updateProduct(someShelves(), update, aCause())).toEqual(noChange);
  });

  test("that nobody knows is refused", () => {
    expect(() => updateProduct(someShelves(), { sku: "CAP" }, aCause())).toThrow(
      expect.objectContaining({ reason: "unknown_sku" }),
    );
  });
});
