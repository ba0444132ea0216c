import { type EventData, type FactOf, fact } from "@orderflow/common/events/catalog";
import { changed, contradiction, type Decision, type Order, orderReference, unchanged } from "./order.ts";

export type Dispatch = Pick<
  EventData<"shipment.dispatched">,
  "carrier" | "trackingNumber" | "dispatchedAt" | "authorizedAt"
>;

export function shipOrder(order: Order, dispatch: Dispatch, at: Date): Decision<Order, FactOf<"order.shipped">> {
  switch (order.status) {
    case "confirmed": {
      const shipped = fact("order.shipped", order.id, {
        ...orderReference(order),
        shippedAt: dispatch.dispatchedAt,
        carrier: dispatch.carrier,
        trackingNumber: dispatch.trackingNumber,
      });
      return {
        state: changed(order, { status: "shipped", dispatchAuthorizedAt: leaveFor(order, dispatch) }, at),
        facts: [shipped],
      };
    }
    case "shipped":
    case "delivered":
      return unchanged(order);
    case "pending":
    case "rejected":
    case "cancelled":
      throw contradiction(order, "a dispatched shipment");
  }
}

/** A database that was restored may have forgotten the leave that it gave; worker tells it back. */
function leaveFor({ dispatchAuthorizedAt }: Order, { authorizedAt }: Dispatch): Date | null {
  return dispatchAuthorizedAt ?? (authorizedAt === undefined ? null : new Date(authorizedAt));
}
