import { type EventData, type FactOf, fact } from "@orderflow/common/events/catalog";
import type { Decision, Order } from "./order.ts";

/**
 * An order that was lost with the database, as those who were told of it remember it: under its own id and number, and
 * pending again. What stock and shipments have done with it since is heard again, and leads it to where it was.
 */
export function bringBackOrder(lost: EventData<"order.created">, at: Date): Decision<Order, FactOf<"order.created">> {
  const { orderId, placedAt, request: _request, broughtBackAt: _broughtBackAt, ...rest } = lost;
  const state: Order = {
    ...rest,
    id: orderId,
    status: "pending",
    placedAt: new Date(placedAt),
    updatedAt: at,
    version: 1,
    dispatchAuthorizedAt: null,
  };
  return { state, facts: [fact("order.created", orderId, { ...lost, broughtBackAt: at.toISOString() })] };
}
