/** What the API's documents show. A test holds these to the schemas. */
export const exampleKey = "0193a7c4-2f10-7cc3-9a51-4f0d1f8e2b60";

export const exampleDelivery = {
  id: "0193a7c4-3a10-7b52-9c0e-1d7f5a3b8e64",
  orderId: "0193a7c4-31b4-7d0e-8b6a-5f2c9e7d1a42",
  kind: "order.confirmed",
  channel: "email",
  recipient: { name: "Ada Lovelace", email: "ada@example.com" },
  status: "sent",
  attempts: 1,
  lastError: null,
  correlationId: "0193a7c4-2f0f-7111-8d3b-9c6e0a4f7b28",
  createdAt: "2026-11-22T14:30:01.000Z",
  sentAt: "2026-11-22T14:30:02.000Z",
  updatedAt: "2026-11-22T14:30:02.000Z",
};
