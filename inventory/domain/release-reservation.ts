import { fact } from "@orderflow/common/events/catalog";
import type { Cause, Change } from "./change.ts";
import { endReservation } from "./end-reservation.ts";
import type { Shelves } from "./shelves.ts";

/** Gives back what a cancelled order held. */
export function releaseReservation(shelves: Shelves, orderId: string, cause: Cause): Change {
  return endReservation(shelves, orderId, {
    status: "released",
    soldPerUnit: 0,
    tell: (lines) => fact("stock.released", orderId, { orderId, lines }),
    cause,
  });
}
