import type { Shipment, ShipmentStatus } from "./shipment.ts";

/** Test builder: a shipment as it looks in `status`. */
export function aShipment({
  status = "requested",
  ...rest
}: Partial<Shipment> & { status?: ShipmentStatus } = {}): Shipment {
  const at = new Date("2026-03-01T10:00:00.000Z");
  const isBooked = status === "booked" || status === "dispatched" || status === "delivered";
  return {
    id: Bun.randomUUIDv7(),
    orderId: Bun.randomUUIDv7(),
    orderNumber: "2026-000001",
    status,
    lines: [{ sku: "TEA-1", quantity: 2 }],
    shippingAddress: { name: "Ada", line1: "1 Main St", city: "Berlin", postalCode: "10115", country: "DE" },
    booking: isBooked ? { carrier: "simulated", trackingNumber: "SIM000001" } : null,
    trace: { causationId: Bun.randomUUIDv7(), correlationId: "correlation" },
    requestedAt: at,
    dispatchedAt: status === "dispatched" || status === "delivered" ? at : null,
    deliveredAt: status === "delivered" ? at : null,
    cancelledAt: status === "cancelled" ? at : null,
    updatedAt: at,
    ...rest,
  };
}
