import { Refusal } from "@orderflow/common/errors";
import { changed, type Decision, type Order, unchanged } from "./order.ts";

/**
 * Worker asks this before it books a carrier, so that a cancel and a dispatch cannot both win.
 * Asking again answers the same. Refuses with order_not_confirmed.
 */
export function authorizeDispatch(order: Order, at: Date): Decision<Order, never> {
  switch (order.status) {
    case "confirmed":
      if (order.dispatchAuthorizedAt) return unchanged(order);
      return { state: changed(order, { dispatchAuthorizedAt: at }, at), facts: [] };
    case "shipped":
    case "delivered":
      return unchanged(order);
    case "pending":
    case "rejected":
    case "cancelled":
      throw new Refusal(
        "order_not_confirmed",
        `The order is ${order.status}, only a confirmed order may be dispatched`,
      );
  }
}
