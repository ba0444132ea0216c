/** What the API's documents show. A test holds these to the schemas. */
export const exampleKey = "0193a7c4-2f10-7cc3-9a51-4f0d1f8e2b60";

const shippingAddress = {
  name: "Ada Lovelace",
  line1: "12 St James Square",
  city: "London",
  postalCode: "SW1Y 4JH",
  country: "GB",
};

export const exampleDraft = {
  idempotencyKey: exampleKey,
  lines: [{ sku: "MUG-0001", quantity: 2 }],
  shippingAddress,
};

export const exampleOrder = {
  id: "0193a7c4-31b4-7d0e-8b6a-5f2c9e7d1a42",
  number: "OF-00000042",
  status: "pending",
  customerId: "0193a7bf-9d5c-7a0b-b1c8-3e6f2d4a9b17",
  lines: [
    { sku: "MUG-0001", name: "Coffee mug, white", quantity: 2, unitPrice: { amountMinor: 1450, currency: "EUR" } },
  ],
  total: { amountMinor: 2900, currency: "EUR" },
  shippingAddress,
  placedAt: "2026-11-22T14:30:00.000Z",
  updatedAt: "2026-11-22T14:30:00.000Z",
  version: 1,
};

export const exampleTimeline = [
  {
    at: "2026-11-22T14:30:00.000Z",
    event: "order.created",
    eventId: "0193a7c4-31b5-7e21-a0f3-6b8d4c1e9f75",
    traceId: "0af7651916cd43dd8448eb211c80319c",
    status: "pending",
  },
];

const { id: orderId, number, customerId, lines, total, placedAt } = exampleOrder;

/** The data of the event `order.created`. */
export const exampleCreated = {
  orderId,
  number,
  customerId,
  contact: { name: "Ada Lovelace", email: "ada@example.com" },
  total,
  lines,
  shippingAddress,
  placedAt,
};

export const exampleFeedId = "4711.0193a7c4-31b5-7e21-a0f3-6b8d4c1e9f75";

export const exampleFeedItem = {
  position: 4712,
  change: {
    orderId,
    number,
    customerId,
    status: "confirmed",
    total,
    at: "2026-11-22T14:30:00.400Z",
    event: "order.confirmed",
    eventId: "0193a7c4-3a07-7b52-9c1d-8e4f6a2b0d93",
    traceId: "0af7651916cd43dd8448eb211c80319c",
  },
};
