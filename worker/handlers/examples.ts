/** What the API's documents show. A test holds these to the schemas. */
export const exampleKey = "0193a7c4-2f10-7cc3-9a51-4f0d1f8e2b60";

export const exampleShipment = {
  id: "0193a7c4-3b7e-7f03-8e2d-6a9c1b5d4f70",
  orderId: "0193a7c4-31b4-7d0e-8b6a-5f2c9e7d1a42",
  orderNumber: "OF-00000042",
  status: "dispatched",
  lines: [{ sku: "MUG-0001", quantity: 2 }],
  carrier: "simulated",
  trackingNumber: "SIM0193A7C43B7E",
  correlationId: "0193a7c4-2f0f-7111-8d3b-9c6e0a4f7b28",
  requestedAt: "2026-11-22T14:30:01.000Z",
  dispatchedAt: "2026-11-22T14:30:03.000Z",
  deliveredAt: null,
  cancelledAt: null,
  updatedAt: "2026-11-22T14:30:03.000Z",
};

export const exampleJob = {
  id: "815",
  task: "book-shipment",
  key: "book-shipment:0193a7c4-3b7e-7f03-8e2d-6a9c1b5d4f70",
  jobs: 1,
  state: "exhausted",
  attempts: 25,
  maxAttempts: 25,
  lastError: "The carrier did not answer",
  runAt: "2026-11-22T14:30:03.000Z",
  createdAt: "2026-11-22T14:30:01.000Z",
  updatedAt: "2026-11-22T18:12:40.000Z",
};
