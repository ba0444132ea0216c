import type { StockLine } from "@orderflow/common/events/values";
import type { Fact } from "@orderflow/common/messaging/event";
import type { Cause, Change } from "./change.ts";
import { noChange } from "./change.ts";
import { moveStock } from "./move-stock.ts";
import type { Shelves } from "./shelves.ts";

export type Ending = {
  status: "released" | "sold";
  /** What leaves the shelf for each reserved unit: 1 when it is sold, 0 when it is given back. */
  soldPerUnit: 0 | 1;
  tell: (lines: StockLine[]) => Fact;
};

/** Ends what is still held for an order. What has ended before stays as it is. */
export function endReservation(shelves: Shelves, orderId: string, ending: Ending & { cause: Cause }): Change {
  const held = shelves.reservations(orderId).filter((reservation) => reservation.status === "held");
  const moves = held.flatMap(({ sku, quantity }) => {
    const stock = shelves.stock(sku);
    if (!stock) throw new Error(`the stock of ${sku}, reserved for order ${orderId}, is not loaded`);
    const onHandDelta = ending.soldPerUnit === 0 ? 0 : -quantity;
    return moveStock(stock, { kind: ending.status, onHandDelta, reservedDelta: -quantity, orderId }, ending.cause);
  });
  if (moves.length === 0) return noChange;
  return {
    ...noChange,
    stocks: moves.map((move) => move.stock),
    movements: moves.map((move) => move.movement),
    reservations: held.map((reservation) => ({ ...reservation, status: ending.status })),
    facts: [ending.tell(held.map(({ sku, quantity }) => ({ sku, quantity })))],
  };
}
