import type { EventData } from "@orderflow/common/events/catalog";
import type { Contact, OrderLine, ShippingAddress } from "@orderflow/common/events/values";
import type { Fact } from "@orderflow/common/messaging/event";
import type { Money } from "@orderflow/common/money";

export const orderStatuses = ["pending", "confirmed", "shipped", "delivered", "rejected", "cancelled"] as const;
export type OrderStatus = (typeof orderStatuses)[number];

export type Order = {
  id: string;
  number: string;
  customerId: string;
  /** Kept apart from the customer's id, as it was when the order was placed. */
  contact: Contact;
  status: OrderStatus;
  lines: OrderLine[];
  total: Money;
  shippingAddress: ShippingAddress;
  placedAt: Date;
  updatedAt: Date;
  /** Counts the changes, from 1. */
  version: number;
  /** From here on the parcel may be on its way, so the order can no longer be cancelled. */
  dispatchAuthorizedAt: Date | null;
};

/** What a rule answers: the new state, and what is to be told. The same state object means that nothing changed. */
export type Decision<State, Told extends Fact = Fact> = { state: State; facts: Told[] };

export function unchanged<State>(state: State): Decision<State, never> {
  return { state, facts: [] };
}

/** The next version of the order. */
export function changed(order: Order, change: Partial<Order>, at: Date): Order {
  return { ...order, ...change, updatedAt: at, version: order.version + 1 };
}

/** What every event about an order says. */
export function orderReference(order: Order): Omit<EventData<"order.confirmed">, "confirmedAt"> {
  return {
    orderId: order.id,
    number: order.number,
    customerId: order.customerId,
    contact: order.contact,
    total: order.total,
  };
}

/** No status from which there is a way on. */
export function isFinal(status: OrderStatus): boolean {
  return status === "delivered" || status === "rejected" || status === "cancelled";
}

/** What cannot be by design. Not a refusal: in a consumer it becomes a dead letter, which somebody looks at. */
export function contradiction(order: Order, told: string): Error {
  return new Error(`Order ${order.id} is ${order.status}, so ${told} contradicts it`);
}
