import { Refusal } from "@orderflow/common/errors";
import { type FactOf, fact } from "@orderflow/common/events/catalog";
import { changed, type Decision, type Order, orderReference, unchanged } from "./order.ts";

/** Refuses with order_already_shipped, also from the moment dispatch is authorized, and with order_rejected. */
export function cancelOrder(order: Order, reason: string, at: Date): Decision<Order, FactOf<"order.cancelled">> {
  switch (order.status) {
    case "pending":
    case "confirmed": {
      if (order.dispatchAuthorizedAt) throw alreadyShipped();
      const cancelled = fact("order.cancelled", order.id, {
        ...orderReference(order),
        cancelledAt: at.toISOString(),
        reason,
        previousStatus: order.status,
      });
      return { state: changed(order, { status: "cancelled" }, at), facts: [cancelled] };
    }
    case "cancelled":
      return unchanged(order);
    case "shipped":
    case "delivered":
      throw alreadyShipped();
    case "rejected":
      throw new Refusal("order_rejected", "A rejected order cannot be cancelled");
  }
}

function alreadyShipped(): Refusal {
  return new Refusal("order_already_shipped", "A shipped order cannot be cancelled");
}
