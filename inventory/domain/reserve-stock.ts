import { fact } from "@orderflow/common/events/catalog";
import type { StockLine } from "@orderflow/common/events/values";
import type { Cause, Change } from "./change.ts";
import { noChange } from "./change.ts";
import { lowStockFacts } from "./low-stock.ts";
import { moveStock } from "./move-stock.ts";
import type { Shelves } from "./shelves.ts";
import { available, type Stock } from "./stock.ts";

export type OrderToReserve = { orderId: string; lines: StockLine[] };

/** Keeps every line of an order, or none. An order that was decided before changes nothing. */
export function reserveStock(shelves: Shelves, order: OrderToReserve, cause: Cause): Change {
  if (shelves.reservations(order.orderId).length > 0) return noChange;

  const wanted = [...quantityBySku(order.lines)].map(([sku, quantity]) => ({
    sku,
    quantity,
    stock: shelves.stock(sku),
  }));
  const unknown = wanted.filter(({ stock }) => !stock);
  if (unknown.length > 0) return rejected(order, "unknown_sku", unknown);
  const short = wanted.filter(({ stock, quantity }) => stock && available(stock) < quantity);
  if (short.length > 0) return rejected(order, "out_of_stock", short);

  return reserved(shelves, { orderId: order.orderId, lines: wanted.filter(isKnown) }, cause);
}

type KnownLine = StockLine & { stock: Stock };
const isKnown = (line: StockLine & { stock: Stock | undefined }): line is KnownLine => line.stock !== undefined;

function reserved(shelves: Shelves, order: { orderId: string; lines: KnownLine[] }, cause: Cause): Change {
  const { orderId } = order;
  const moves = order.lines.map(({ stock, quantity }) =>
    moveStock(stock, { kind: "reserved", onHandDelta: 0, reservedDelta: quantity, orderId }, cause),
  );
  const stocks = moves.map((move) => move.stock);
  const lines = order.lines.map(({ sku, quantity }) => ({ sku, quantity }));
  return {
    ...noChange,
    stocks,
    movements: moves.map((move) => move.movement),
    reservations: order.lines.map(({ sku, quantity, stock }) => ({
      orderId,
      sku,
      location: stock.location,
      quantity,
      status: "held",
    })),
    facts: [fact("stock.reserved", orderId, { orderId, lines }), ...lowStockFacts(shelves, stocks)],
  };
}

function rejected(order: OrderToReserve, reason: "out_of_stock" | "unknown_sku", lines: { sku: string }[]): Change {
  const { orderId } = order;
  return {
    ...noChange,
    facts: [fact("stock.rejected", orderId, { orderId, reason, skus: lines.map(({ sku }) => sku) })],
  };
}

function quantityBySku(lines: StockLine[]): Map<string, number> {
  const quantities = new Map<string, number>();
  for (const { sku, quantity } of lines) quantities.set(sku, (quantities.get(sku) ?? 0) + quantity);
  return quantities;
}
