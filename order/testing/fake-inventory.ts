import { Unavailable } from "@orderflow/common/errors";
import type { Quote } from "../domain/price-lines.ts";
import type { Inventory } from "../providers/inventory.ts";

export type FakeInventory = Inventory & {
  products: Map<string, Quote>;
  /** How often a quote was asked for. */
  asked: number;
  isAway: boolean;
};

/** An inventory that sells TEA-1, CUP-1, a book in dollars and a last lamp. */
export function fakeInventory(): FakeInventory {
  const products: Quote[] = [
    { sku: "TEA-1", name: "Green tea", unitPrice: { amountMinor: 450, currency: "EUR" }, available: 10_000 },
    { sku: "CUP-1", name: "Cup", unitPrice: { amountMinor: 900, currency: "EUR" }, available: 10_000 },
    { sku: "BOOK-1", name: "Book", unitPrice: { amountMinor: 1_500, currency: "USD" }, available: 10_000 },
    { sku: "LAMP-1", name: "Lamp", unitPrice: { amountMinor: 9_900, currency: "EUR" }, available: 1 },
  ];
  const inventory: FakeInventory = {
    products: new Map(products.map((product) => [product.sku, product])),
    asked: 0,
    isAway: false,
    async quote(skus) {
      inventory.asked++;
      if (inventory.isAway) throw new Unavailable("dependency_unavailable", "inventory is away", { retryAfterS: 2 });
      return skus.flatMap((sku) => inventory.products.get(sku) ?? []);
    },
  };
  return inventory;
}
