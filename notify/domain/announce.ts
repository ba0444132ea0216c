import type { FactOf } from "@orderflow/common/events/catalog";
import type { Event } from "@orderflow/common/messaging/event";
import type { Delivery } from "./delivery.ts";
import type { OrderMailKind } from "./mail-kinds.ts";

export type NewDelivery = Omit<Delivery, "id">;

/** The mail that tells the customer what became of the order. */
export function announceOrder(event: Event & FactOf<OrderMailKind>, at: Date): NewDelivery {
  return {
    ...blank(event, at),
    kind: event.type,
    orderId: event.data.orderId,
    recipient: event.data.contact,
    data: event.data,
  };
}

/** The mail that asks the shop's operations to restock. */
export function announceLowStock(event: Event & FactOf<"stock.low">, operationsEmail: string, at: Date): NewDelivery {
  return {
    ...blank(event, at),
    kind: event.type,
    orderId: null,
    recipient: { name: "Operations", email: operationsEmail },
    data: event.data,
  };
}

function blank(event: Event, at: Date) {
  return {
    eventId: event.id,
    channel: "email" as const,
    status: "pending" as const,
    attempts: 0,
    lastError: null,
    trace: { traceparent: event.traceparent, correlationId: event.correlationId, causationId: event.id },
    createdAt: at,
    sentAt: null,
    updatedAt: at,
  };
}
