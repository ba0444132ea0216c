/** What the API's documents show. A test holds these to the schemas. */
export const exampleKey = "0193a7c4-2f10-7cc3-9a51-4f0d1f8e2b60";

export const exampleProduct = {
  sku: "MUG-0001",
  name: "Coffee mug, white",
  description: "Stoneware, 300 ml.",
  unitPrice: { amountMinor: 1450, currency: "EUR" },
  isActive: true,
  version: 1,
  available: 57,
  onHand: 60,
  reserved: 3,
};

export const exampleNewProduct = {
  idempotencyKey: exampleKey,
  sku: "MUG-0001",
  name: "Coffee mug, white",
  description: "Stoneware, 300 ml.",
  unitPrice: { amountMinor: 1450, currency: "EUR" },
  initialStock: 60,
};

export const exampleMovement = {
  id: "4711",
  sku: "MUG-0001",
  location: "main",
  kind: "adjusted",
  onHandDelta: -3,
  reservedDelta: 0,
  onHandAfter: 57,
  reservedAfter: 3,
  orderId: null,
  cause: exampleKey,
  reason: "Broken in the warehouse",
  actor: "0193a7bf-9d5c-7a0b-b1c8-3e6f2d4a9b17",
  at: "2026-11-22T14:30:00.000Z",
};
