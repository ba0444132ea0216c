import { type FactOf, fact } from "@orderflow/common/events/catalog";
import { changed, contradiction, type Decision, type Order, orderReference, unchanged } from "./order.ts";

/** Its stock is reserved: the order is confirmed and worker is told to fulfil it. */
export function confirmOrder(order: Order, at: Date): Decision<Order, FactOf<"order.confirmed" | "fulfil-order">> {
  switch (order.status) {
    case "pending": {
      const confirmed = fact("order.confirmed", order.id, { ...orderReference(order), confirmedAt: at.toISOString() });
      return { state: changed(order, { status: "confirmed" }, at), facts: [confirmed, fulfilOrder(order)] };
    }
    case "confirmed":
    case "shipped":
    case "delivered":
      return unchanged(order);
    case "cancelled": // Cancelled while inventory reserved: it releases on order.cancelled.
      return unchanged(order);
    case "rejected":
      throw contradiction(order, "a reservation");
  }
}

function fulfilOrder(order: Order): FactOf<"fulfil-order"> {
  return fact("fulfil-order", order.id, {
    orderId: order.id,
    number: order.number,
    contact: order.contact,
    shippingAddress: order.shippingAddress,
    lines: order.lines.map(({ sku, quantity }) => ({ sku, quantity })),
  });
}
