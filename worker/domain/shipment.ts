import type { FactOf } from "@orderflow/common/events/catalog";
import { fact } from "@orderflow/common/events/catalog";
import type { ShippingAddress, StockLine } from "@orderflow/common/events/values";
import type { Trace } from "@orderflow/common/messaging/event";

export const shipmentStatuses = ["requested", "booked", "dispatched", "delivered", "cancelled"] as const;
export type ShipmentStatus = (typeof shipmentStatuses)[number];

export type Booking = { carrier: string; trackingNumber: string };

export type Shipment = {
  id: string;
  orderId: string;
  orderNumber: string;
  status: ShipmentStatus;
  lines: StockLine[];
  /** Null on a shipment that was cancelled before anything asked for it. */
  shippingAddress: ShippingAddress | null;
  booking: Booking | null;
  /** `causationId` is the id of the command that asked for the shipment, and the carrier's idempotency key. */
  trace: Trace & { causationId: string };
  requestedAt: Date;
  dispatchedAt: Date | null;
  deliveredAt: Date | null;
  cancelledAt: Date | null;
  updatedAt: Date;
};

export type ShipmentFact = FactOf<"shipment.dispatched" | "shipment.delivered">;

/** A job that must follow: not before `runAt`, at once without one. */
export type Task = {
  task: "book-shipment" | "dispatch-shipment" | "deliver-shipment" | "cancel-booking";
  runAt?: Date;
};

export type Decision = { shipment: Shipment; facts: ShipmentFact[]; tasks: Task[] };

/** When it happened and how long the carrier takes until its next step. */
export type Moment = { at: Date; delayMs: number };

/** What a shipment waits for. A rerun job asks this before it calls anyone, so that a step is taken once. */
export const awaitedStep = {
  requested: "booking",
  booked: "dispatch",
  dispatched: "delivery",
  delivered: "nothing",
  cancelled: "nothing",
} as const satisfies Record<ShipmentStatus, string>;

export function recordBooking(shipment: Shipment, booking: Booking, { at, delayMs }: Moment): Decision {
  switch (shipment.status) {
    case "requested":
      return {
        shipment: { ...shipment, status: "booked", booking, updatedAt: at },
        facts: [],
        tasks: [{ task: "dispatch-shipment", runAt: later(at, delayMs) }],
      };
    case "cancelled": // The order was cancelled while the carrier was being asked: give the booking back.
      return { shipment, facts: [], tasks: [{ task: "cancel-booking" }] };
    case "booked":
    case "dispatched":
    case "delivered":
      return unchanged(shipment);
  }
}

export type Dispatch = Moment & { authorizedAt: Date };

export function recordDispatch(shipment: Shipment, { at, delayMs, authorizedAt }: Dispatch): Decision {
  switch (shipment.status) {
    case "booked": {
      const facts = [
        fact("shipment.dispatched", shipment.orderId, {
          ...reference(shipment),
          dispatchedAt: at.toISOString(),
          authorizedAt: authorizedAt.toISOString(),
        }),
      ];
      return {
        shipment: { ...shipment, status: "dispatched", dispatchedAt: at, updatedAt: at },
        facts,
        tasks: [{ task: "deliver-shipment", runAt: later(at, delayMs) }],
      };
    }
    case "requested":
      throw new Error(`shipment ${shipment.id} was dispatched before it was booked`);
    case "dispatched":
    case "delivered":
    case "cancelled":
      return unchanged(shipment);
  }
}

export function recordDelivery(shipment: Shipment, at: Date): Decision {
  switch (shipment.status) {
    case "dispatched": {
      const facts = [
        fact("shipment.delivered", shipment.orderId, { ...reference(shipment), deliveredAt: at.toISOString() }),
      ];
      return { shipment: { ...shipment, status: "delivered", deliveredAt: at, updatedAt: at }, facts, tasks: [] };
    }
    case "requested":
    case "booked":
      throw new Error(`shipment ${shipment.id} was delivered before it was dispatched`);
    case "delivered":
    case "cancelled":
      return unchanged(shipment);
  }
}

export function cancelShipment(shipment: Shipment, at: Date): Decision {
  switch (shipment.status) {
    case "requested": // A booking may be under way or have crashed halfway: the carrier is told in any case.
    case "booked":
      return {
        shipment: { ...shipment, status: "cancelled", cancelledAt: at, updatedAt: at },
        facts: [],
        tasks: [{ task: "cancel-booking" }],
      };
    case "dispatched": // It is on its way; order refuses to cancel once a dispatch is authorized.
    case "delivered":
    case "cancelled":
      return unchanged(shipment);
  }
}

/** What the carrier is asked. The command's id is the key: however often the job runs, it is one booking. */
export function bookingRequest(shipment: Shipment) {
  const { orderNumber, shippingAddress, lines, trace } = shipment;
  if (!shippingAddress) throw new Error(`shipment ${shipment.id} has no address`);
  return { idempotencyKey: trace.causationId, orderNumber, to: shippingAddress, lines };
}

/** Throws when nothing is booked yet. */
export function bookingOf({ id, booking }: Shipment): Booking {
  if (!booking) throw new Error(`shipment ${id} has no booking`);
  return booking;
}

function unchanged(shipment: Shipment): Decision {
  return { shipment, facts: [], tasks: [] };
}

function later(at: Date, delayMs: number): Date {
  return new Date(at.getTime() + delayMs);
}

function reference(shipment: Shipment) {
  const { carrier, trackingNumber } = bookingOf(shipment);
  return { shipmentId: shipment.id, orderId: shipment.orderId, carrier, trackingNumber };
}
