import { newId } from "@orderflow/common/ids";
import type { Order } from "../domain/order.ts";
import { orderNumber } from "../domain/order-number.ts";

/** A lawful order for tests, with what the test is about put over it. */
export function anOrder(over: Partial<Order> = {}): Order {
  const id = newId();
  const placedAt = new Date("2026-11-20T10:00:00.000Z");
  return {
    id,
    number: orderNumber(1_234),
    customerId: `customer-${id}`,
    contact: { name: "Ada Lovelace", email: "ada@example.com" },
    status: "pending",
    lines: [
      { sku: "TEA-1", name: "Green tea", quantity: 2, unitPrice: { amountMinor: 450, currency: "EUR" } },
      { sku: "CUP-1", name: "Cup", quantity: 1, unitPrice: { amountMinor: 900, currency: "EUR" } },
    ],
    total: { amountMinor: 1_800, currency: "EUR" },
    shippingAddress: {
      name: "Ada Lovelace",
      line1: "12 St James's Sq",
      city: "London",
      postalCode: "SW1Y 4JH",
      country: "GB",
    },
    placedAt,
    updatedAt: placedAt,
    version: 1,
    dispatchAuthorizedAt: null,
    ...over,
  };
}
