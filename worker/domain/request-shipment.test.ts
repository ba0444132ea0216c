import { expect, test } from "bun:test";
import { forestallShipment, requestShipment } from "./request-shipment.ts";

const at = new Date("2026-03-01T10:00:00.000Z");
const order = {
  orderId: Bun.randomUUIDv7(),
  number: "2026-000001",
  contact: { name: "Ada", email: "ada@example.com" },
};
const cancelled = {
  ...order,
  customerId: "c-1",
  total: { amountMinor: 100, currency: "EUR" },
  cancelledAt: at.toISOString(),
  reason: "changed my mind",
};

test("a command asks for a shipment, and its id becomes the carrier's idempotency key", () => {
  const shippingAddress = { name: "Ada", line1: "1 Main St", city: "Berlin", postalCode: "10115", country: "DE" };
  const data = { ...order, shippingAddress, lines: [{ sku: "TEA-1", quantity: 2 }] };
  const { shipment, tasks } = requestShipment("s-1", {
    id: "e-1",
    data,
    trace: { correlationId: "c", causationId: "e-0" },
    at,
  });
  expect(shipment).toMatchObject({ id: "s-1", status: "requested", shippingAddress, lines: data.lines });
  expect(tasks).toEqual([{ task: "book-shipment" }]);
  expect(shipment.trace).toEqual({ correlationId: "c", causationId: "e-1" });
});

test.each([
  ["confirmed", "cancelled"],
  ["pending", undefined],
] as const)("an order cancelled while %s leaves %p", (previousStatus, status) => {
  const told = { id: "e-2", data: { ...cancelled, previousStatus }, trace: {}, at };
  expect(forestallShipment("s-2", told)?.status).toBe(status as never);
});
