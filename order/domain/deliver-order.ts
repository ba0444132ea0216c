import { type EventData, type FactOf, fact } from "@orderflow/common/events/catalog";
import { changed, contradiction, type Decision, type Order, orderReference, unchanged } from "./order.ts";

export type Delivery = Pick<EventData<"shipment.delivered">, "deliveredAt">;

export function deliverOrder(order: Order, delivery: Delivery, at: Date): Decision<Order, FactOf<"order.delivered">> {
  switch (order.status) {
    case "shipped": {
      const delivered = fact("order.delivered", order.id, {
        ...orderReference(order),
        deliveredAt: delivery.deliveredAt,
      });
      return { state: changed(order, { status: "delivered" }, at), facts: [delivered] };
    }
    case "delivered":
      return unchanged(order);
    case "pending":
    case "confirmed":
    case "rejected":
    case "cancelled":
      throw contradiction(order, "a delivered shipment");
  }
}
