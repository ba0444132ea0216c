import { type EventData, type FactOf, fact } from "@orderflow/common/events/catalog";
import { changed, contradiction, type Decision, type Order, orderReference, unchanged } from "./order.ts";

export type Rejection = Pick<EventData<"stock.rejected">, "reason" | "skus">;

/** Inventory could not reserve: between the quote and the reservation somebody else was faster. */
export function rejectOrder(order: Order, rejection: Rejection, at: Date): Decision<Order, FactOf<"order.rejected">> {
  switch (order.status) {
    case "pending": {
      const rejected = fact("order.rejected", order.id, {
        ...orderReference(order),
        rejectedAt: at.toISOString(),
        reason: rejection.reason,
        skus: rejection.skus,
      });
      return { state: changed(order, { status: "rejected" }, at), facts: [rejected] };
    }
    case "rejected":
    case "cancelled": // Nothing is reserved and nobody waits for it any more.
      return unchanged(order);
    case "confirmed":
    case "shipped":
    case "delivered":
      throw contradiction(order, "a rejected reservation");
  }
}
