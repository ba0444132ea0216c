import { type EventType, type FactOf, fact } from "@orderflow/common/events/catalog";
import type { StockLine } from "@orderflow/common/events/values";
import { newId } from "@orderflow/common/ids";
import type { Event } from "@orderflow/common/messaging/event";

const at = "2026-03-02T10:00:00.000Z";
const price = { amountMinor: 1250, currency: "EUR" };

function reference(orderId: string) {
  const contact = { name: "Ada", email: "ada@example.com" };
  return { orderId, number: "O-1", customerId: "customer-1", contact, total: price };
}

export function orderCreated(orderId: string, lines: StockLine[]): FactOf<"order.created"> {
  return fact("order.created", orderId, {
    ...reference(orderId),
    lines: lines.map((line) => ({ ...line, name: "A product", unitPrice: price })),
    shippingAddress: { name: "Ada", line1: "Street 1", city: "Berlin", postalCode: "10115", country: "DE" },
    placedAt: at,
  });
}

export function orderCancelled(orderId: string): FactOf<"order.cancelled"> {
  return fact("order.cancelled", orderId, {
    ...reference(orderId),
    cancelledAt: at,
    reason: "changed my mind",
    previousStatus: "pending",
  });
}

export function shipmentDispatched(orderId: string): FactOf<"shipment.dispatched"> {
  const shipmentId = newId();
  return fact("shipment.dispatched", orderId, {
    shipmentId,
    orderId,
    carrier: "parcel",
    trackingNumber: "T1",
    dispatchedAt: at,
  });
}

let position = 0;

/** The fact as a consumer gets it. */
export function asEvent(told: FactOf<EventType>): Event {
  return {
    ...told,
    id: newId(),
    time: at,
    logId: newId(),
    position: ++position,
    previousId: null,
    correlationId: "corr-1",
  };
}
