import type { EventData, EventType } from "../events/catalog.ts";

export type Published<T extends EventType> = {
  /** Goes up with a change that its listeners cannot read, which is then another type in all but name. */
  version: number;
  description: string;
  example: EventData<T>;
};

const orderId = "0193a7c4-31b4-7d0e-8b6a-5f2c9e7d1a42";
const at = "2026-11-22T14:30:00.000Z";
const number = "OF-00000042";
const contact = { name: "Ada Lovelace", email: "ada@example.com" };
const reference = {
  orderId,
  number,
  customerId: "0193a7bf-9d5c-7a0b-b1c8-3e6f2d4a9b17",
  contact,
  total: { amountMinor: 2900, currency: "EUR" },
};
const shippingAddress = {
  name: "Ada Lovelace",
  line1: "12 St James Square",
  city: "London",
  postalCode: "SW1Y 4JH",
  country: "GB",
};
const lines = [{ sku: "MUG-0001", quantity: 2 }];
const unitPrice = { amountMinor: 1450, currency: "EUR" };
const orderLines = [{ sku: "MUG-0001", name: "Coffee mug, white", quantity: 2, unitPrice }];
const request = {
  idempotencyKey: "0193a7c4-3b7e-4a11-9c55-0d2f6b8e4a10",
  hash: "Zm9yIGFuIGV4YW1wbGUsIGEgaGFzaCBvZiAzMiBieXQ",
};
const parcel = { carrier: "simulated", trackingNumber: "SIM0193A7C43B7E" };
const shipment = { shipmentId: "0193a7c4-3b7e-7f03-8e2d-6a9c1b5d4f70", orderId, ...parcel };
const product = { sku: "MUG-0001", name: "Coffee mug, white", unitPrice, isActive: true, version: 1 };

/** What the documents say of each event and command. */
export const publishedEvents: { [T in EventType]: Published<T> } = {
  "order.created": {
    version: 1,
    description: "An order was placed. Its stock is not reserved yet.",
    example: { ...reference, lines: orderLines, shippingAddress, placedAt: at, request },
  },
  "order.confirmed": {
    version: 1,
    description: "All of an order is reserved.",
    example: { ...reference, confirmedAt: at },
  },
  "order.rejected": {
    version: 1,
    description: "An order could not be filled after all.",
    example: { ...reference, rejectedAt: at, reason: "out_of_stock", skus: ["MUG-0001"] },
  },
  "order.cancelled": {
    version: 1,
    description: "An order was cancelled by its customer or by an operator.",
    example: { ...reference, cancelledAt: at, reason: "Ordered twice", previousStatus: "confirmed" },
  },
  "order.shipped": {
    version: 1,
    description: "An order is on its way.",
    example: { ...reference, shippedAt: at, ...parcel },
  },
  "order.delivered": { version: 1, description: "An order has arrived.", example: { ...reference, deliveredAt: at } },
  "fulfil-order": {
    version: 1,
    description: "To worker: send what this order holds.",
    example: { orderId, number, contact, shippingAddress, lines },
  },
  "stock.reserved": { version: 1, description: "All lines of an order are held.", example: { orderId, lines } },
  "stock.rejected": {
    version: 1,
    description: "The lines of an order cannot be held, and none is.",
    example: { orderId, reason: "out_of_stock", skus: ["MUG-0001"] },
  },
  "stock.released": { version: 1, description: "What an order held is free again.", example: { orderId, lines } },
  "stock.sold": { version: 1, description: "What an order held has left the shelf.", example: { orderId, lines } },
  "stock.adjusted": {
    version: 1,
    description: "An operator corrected the stock of a product.",
    example: { sku: "MUG-0001", location: "main", delta: -3, onHand: 57, reason: "Broken in the warehouse" },
  },
  "stock.low": {
    version: 1,
    description: "What is available of a product fell to its threshold or below. Told once per crossing.",
    example: { sku: "MUG-0001", name: "Coffee mug, white", available: 4, threshold: 5 },
  },
  "product.created": { version: 1, description: "There is a new product.", example: product },
  "product.updated": {
    version: 1,
    description: "A product has another name, price or state.",
    example: { ...product, version: 2 },
  },
  "shipment.dispatched": {
    version: 1,
    description: "A carrier has the parcel of an order.",
    example: { ...shipment, dispatchedAt: at, authorizedAt: at },
  },
  "shipment.delivered": {
    version: 1,
    description: "The parcel of an order has arrived.",
    example: { ...shipment, deliveredAt: at },
  },
};
