import { type FactOf, fact } from "@orderflow/common/events/catalog";
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

/** Takes the number apart from the rest, because a number is drawn only when the idempotency key is won. */
export function placeOrder(priced: PricedOrder, number: string): Decision<Order, FactOf<"order.created">> {
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
  });
  return { state: order, facts: [created] };
}
