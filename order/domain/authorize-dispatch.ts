import { Refusal } from "@orderflow/common/errors";
import { changed, type Decision, type Order, unchanged } from "./order.ts";

/**
 * Worker asks this before it books a carrier, so that a cancel and a dispatch cannot both win.
 * Asking again answers the same. Refuses with order_not_confirmed, which is for good, and with order_still_pending, which is not.
 */
export function authorizeDispatch(order: Order, at: Date): Decision<Order, never> {
  switch (order.status) {
    case "confirmed":
      if (order.dispatchAuthorizedAt) return unchanged(order);
      return { state: changed(order, { dispatchAuthorizedAt: at }, at), facts: [] };
    case "shipped":
    case "delivered":
      return unchanged(order);
    case "pending": // It was confirmed when worker was told to ship it: the database has forgotten, and will hear of it again.
      throw new Refusal("order_still_pending", "The order is pending, ask again when it is confirmed");
    case "rejected":
    case "cancelled":
      throw new Refusal(
        "order_not_confirmed",
        `The order is ${order.status}, only a confirmed order may be dispatched`,
      );
  }
}
