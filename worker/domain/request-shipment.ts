import type { EventData } from "@orderflow/common/events/catalog";
import type { Trace } from "@orderflow/common/messaging/event";
import type { Decision, Shipment } from "./shipment.ts";

export type Told<T> = { id: string; data: T; trace: Trace; at: Date };

/** The shipment that a fulfil-order command asks for; `id` is the command's. */
export function requestShipment(shipmentId: string, command: Told<EventData<"fulfil-order">>): Decision {
  const { lines, shippingAddress } = command.data;
  return {
    shipment: { ...blank(shipmentId, command), status: "requested", lines, shippingAddress },
    facts: [],
    tasks: [{ task: "book-shipment" }],
  };
}

/**
 * The trace that a cancelled order leaves when its command has not arrived yet: streams are not ordered among each
 * other, and the command must find that there is nothing to do. An order cancelled while pending was never commanded.
 */
export function forestallShipment(shipmentId: string, event: Told<EventData<"order.cancelled">>): Shipment | undefined {
  if (event.data.previousStatus === "pending") return undefined;
  return { ...blank(shipmentId, event), status: "cancelled", cancelledAt: event.at };
}

function blank(id: string, told: Told<{ orderId: string; number: string }>): Omit<Shipment, "status"> {
  return {
    id,
    orderId: told.data.orderId,
    orderNumber: told.data.number,
    lines: [],
    shippingAddress: null,
    booking: null,
    trace: { ...told.trace, causationId: told.id },
    requestedAt: told.at,
    dispatchedAt: null,
    deliveredAt: null,
    cancelledAt: null,
    updatedAt: told.at,
  };
}
