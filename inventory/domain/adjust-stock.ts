import { Refusal } from "@orderflow/common/errors";
import { fact } from "@orderflow/common/events/catalog";
import type { Cause, Change } from "./change.ts";
import { noChange } from "./change.ts";
import { knownProduct } from "./known-product.ts";
import { lowStockFacts } from "./low-stock.ts";
import { moveStock } from "./move-stock.ts";
import type { Shelves } from "./shelves.ts";
import { maxOnHand } from "./stock.ts";

/** `delta` in units; negative for what was lost, broken or miscounted. */
export type StockAdjustment = { sku: string; delta: number; reason: string };

/** @throws Refusal unknown_sku, insufficient_stock (promised units cannot be taken away) or stock_limit_exceeded. */
export function adjustStock(shelves: Shelves, { sku, delta, reason }: StockAdjustment, cause: Cause): Change {
  const stock = knownProduct(shelves.stock(sku), sku);
  const onHand = stock.onHand + delta;
  if (onHand < stock.reserved) {
    throw new Refusal(
      "insufficient_stock",
      `${stock.onHand} on hand, of which ${stock.reserved} reserved: ${delta} is too much`,
    );
  }
  if (onHand > maxOnHand)
    throw new Refusal("stock_limit_exceeded", `At most ${maxOnHand} units of a SKU can be on hand`);

  const moved = moveStock(stock, { kind: "adjusted", onHandDelta: delta, reservedDelta: 0, reason }, cause);
  return {
    ...noChange,
    stocks: [moved.stock],
    movements: [moved.movement],
    facts: [
      fact("stock.adjusted", sku, { sku, location: stock.location, delta, onHand, reason }),
      ...lowStockFacts(shelves, [moved.stock]),
    ],
  };
}
