import { fact } from "@orderflow/common/events/catalog";
import type { Cause, Change } from "./change.ts";
import { endReservation } from "./end-reservation.ts";
import type { Shelves } from "./shelves.ts";

/** Turns what a dispatched order held into a sale: the goods have left the shelf. */
export function sellReservation(shelves: Shelves, orderId: string, cause: Cause): Change {
  return endReservation(shelves, orderId, {
    status: "sold",
    soldPerUnit: 1,
    tell: (lines) => fact("stock.sold", orderId, { orderId, lines }),
    cause,
  });
}
