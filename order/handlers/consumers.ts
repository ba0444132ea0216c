import type { Apply } from "@orderflow/common/messaging/batch-commit";
import { causedBy, type KnownEvent, onlyKnown } from "@orderflow/common/messaging/known-event";
import type { TransactionSQL } from "bun";
import { confirmOrder } from "../domain/confirm-order.ts";
import { deliverOrder } from "../domain/deliver-order.ts";
import type { Decision, Order } from "../domain/order.ts";
import { rejectOrder } from "../domain/reject-order.ts";
import { shipOrder } from "../domain/ship-order.ts";
import type { Change } from "../repositories/change-many.ts";
import type { OrderRepository } from "../repositories/order-repository.ts";

export type Appliers = { inventory: Apply; worker: Apply };

type Options = { orders: OrderRepository; now: () => Date };
type Told = KnownEvent<"stock.reserved" | "stock.rejected" | "shipment.dispatched" | "shipment.delivered">;

/** What order listens to, by stream: inventory's answers about stock, and what becomes of the shipment. */
export function createAppliers({ orders, now }: Options): Appliers {
  const apply = (tx: TransactionSQL, events: Told[]) =>
    orders.applyMany(
      tx,
      events.map((event) => toChange(event, now)),
    );
  return {
    inventory: (tx, events) => apply(tx, onlyKnown(events, "stock.reserved", "stock.rejected")),
    worker: (tx, events) => apply(tx, onlyKnown(events, "shipment.dispatched", "shipment.delivered")),
  };
}

function toChange(event: Told, now: () => Date): Change {
  const { orderId } = event.data;
  return {
    orderId,
    decide: (order) => decide(stored(order, orderId), event, now()),
    trace: causedBy(event),
    cause: event,
  };
}

function decide(order: Order, event: Told, at: Date): Decision<Order> {
  switch (event.type) {
    case "stock.reserved":
      return confirmOrder(order, at);
    case "stock.rejected":
      return rejectOrder(order, event.data, at);
    case "shipment.dispatched":
      return shipOrder(order, event.data, at);
    case "shipment.delivered":
      return deliverOrder(order, event.data, at);
  }
}

/** Not a refusal: an event about an order that is not here means that something was lost, and must be looked at. */
function stored(order: Order | undefined, orderId: string): Order {
  if (order) return order;
  throw new Error(`There is no order ${orderId}`);
}
