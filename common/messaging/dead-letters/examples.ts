/** What the API's documents show. A test holds these to the schemas. */
export const exampleKey = "0197f1e6-2b3c-7d4e-8f5a-6b7c8d9e0f1a";

export const exampleDeadLetter = {
  stream: "order",
  position: 4711,
  key: "0193a7c4-31b4-7d0e-8b6a-5f2c9e7d1a42",
  type: "order.confirmed",
  eventId: "0193a7c4-3a07-7b52-9c1d-8e4f6a2b0d93",
  isParked: false,
  error: "ZodError: expected a whole number at total.amountMinor",
  attempts: 3,
  buriedAt: "2026-11-22T14:30:02.000Z",
  traceId: "0af7651916cd43dd8448eb211c80319c",
  correlationId: "0193a7c4-2e88-7f31-8d02-1b9c5e7a4f60",
};

export const exampleDeadLetterDetail = {
  ...exampleDeadLetter,
  stack: null,
  behind: 2,
  event: { type: "order.confirmed", position: "4711", data: { number: "OF-00000042" } },
};
