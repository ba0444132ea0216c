import type { Cause, Movement, MovementKind } from "./change.ts";
import type { Stock } from "./stock.ts";

export type Move = {
  kind: MovementKind;
  onHandDelta: number;
  reservedDelta: number;
  orderId?: string | undefined;
  reason?: string | undefined;
};

/** Stock never changes but by a movement. */
export function moveStock(stock: Stock, move: Move, cause: Cause): { stock: Stock; movement: Movement } {
  const onHand = stock.onHand + move.onHandDelta;
  const reserved = stock.reserved + move.reservedDelta;
  return {
    stock: { ...stock, onHand, reserved },
    movement: {
      ...move,
      sku: stock.sku,
      location: stock.location,
      onHandAfter: onHand,
      reservedAfter: reserved,
      cause,
    },
  };
}
