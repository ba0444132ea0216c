import { fact } from "@orderflow/common/events/catalog";
import type { Fact } from "@orderflow/common/messaging/event";
import type { Shelves } from "./shelves.ts";
import { available, type Stock } from "./stock.ts";

/** Tells of each SKU that falls from above its threshold to or below it: once a crossing, not once an order. */
export function lowStockFacts(shelves: Shelves, after: Stock[]): Fact[] {
  const threshold = shelves.lowStockThreshold;
  return after.flatMap((stock) => {
    const before = shelves.stock(stock.sku);
    const hasCrossed = before && available(before) > threshold && available(stock) <= threshold;
    if (!hasCrossed) return [];
    const name = shelves.product(stock.sku)?.name ?? stock.sku;
    return [fact("stock.low", stock.sku, { sku: stock.sku, name, available: available(stock), threshold })];
  });
}
