import { type FactOf, fact } from "@orderflow/common/events/catalog";
import type { PlacingRequest } from "@orderflow/common/events/order-events";
import type { Contact, OrderLine, ShippingAddress } from "@orderflow/common/events/values";
import { type Decision, type Order, orderReference } from "./order.ts";
import { totalOf } from "./price-lines.ts";

/** An order that has its prices and waits only for its number. */
export type PricedOrder = {
  id: string;
  customerId: string;
  contact: Contact;
  lines: OrderLine[];
  shippingAddress: ShippingAddress;
  placedAt: Date;
};

/** What is known once the idempotency key is won: a number is drawn only then. */
export type Won = { number: string; request?: PlacingRequest };

export function placeOrder(priced: PricedOrder, { number, request }: Won): Decision<Order, FactOf<"order.created">> {
  const order: Order = {
    ...priced,
    number,
    status: "pending",
    total: totalOf(priced.lines),
    updatedAt: priced.placedAt,
    version: 1,
    dispatchAuthorizedAt: null,
  };
  const created = fact("order.created", order.id, {
    ...orderReference(order),
    lines: order.lines,
    shippingAddress: order.shippingAddress,
    placedAt: order.placedAt.toISOString(),
    ...(request && { request }),
  });
  return { state: order, facts: [created] };
}
