import type { EventData } from "@orderflow/common/events/catalog";
import type { OrderMailKind } from "./mail-kinds.ts";

const at = "2026-03-01T10:00:00.000Z";
const price = (amountMinor: number) => ({ amountMinor, currency: "EUR" });

const specifics = {
  "order.created": {
    lines: [
      { sku: "TEA-1", name: "Green tea", quantity: 2, unitPrice: price(450) },
      { sku: "CUP-1", name: "Cup", quantity: 1, unitPrice: price(750) },
    ],
    shippingAddress: { name: "Ada", line1: "1 Main St", city: "Berlin", postalCode: "10115", country: "DE" },
    placedAt: at,
  },
  "order.confirmed": { confirmedAt: at },
  "order.rejected": { rejectedAt: at, reason: "out_of_stock", skus: ["TEA-1"] },
  "order.shipped": { shippedAt: at, carrier: "simulated", trackingNumber: "SIM42" },
  "order.delivered": { deliveredAt: at },
  "order.cancelled": { cancelledAt: at, reason: "changed my mind", previousStatus: "confirmed" },
};

/** Test builder: the data of an order event, as order publishes it. */
export function orderEventData<K extends OrderMailKind>(kind: K, rest: Partial<EventData<K>> = {}): EventData<K> {
  return {
    orderId: Bun.randomUUIDv7(),
    number: "2026-000001",
    customerId: "customer-1",
    contact: { name: "Ada", email: "ada@example.com" },
    total: price(1_650),
    ...specifics[kind],
    ...rest,
  } as EventData<K>;
}

export const stockLowData = { sku: "TEA-1", name: "Green tea", available: 2, threshold: 5 };
