import { describe, expect, test } from "bun:test";
import { aDelivery } from "./a-delivery.ts";
import { announceOrder } from "./announce.ts";
import {
  type Delivery,
  type DeliveryStatus,
  deliveryStatuses,
  recordFailure,
  recordSent,
  retryDelivery,
} from "./delivery.ts";
import { orderEventData } from "./event-data.ts";

const at = new Date("2026-03-01T10:00:00.000Z");
const event = {
  id: "e-1",
  stream: "order",
  key: "o-1",
  time: at.toISOString(),
  logId: "l-1",
  position: 1,
  previousId: null,
  correlationId: "c-1",
  type: "order.shipped" as const,
  data: orderEventData("order.shipped"),
};

test("an order's mail goes to its contact and remembers the event", () => {
  expect(announceOrder(event, at)).toMatchObject({
    kind: "order.shipped",
    orderId: event.data.orderId,
    recipient: event.data.contact,
    eventId: "e-1",
    status: "pending",
    trace: { correlationId: "c-1", causationId: "e-1" },
  });
});

const table: Record<
  string,
  { next: (delivery: Delivery) => Delivery; expected: Record<DeliveryStatus, DeliveryStatus> }
> = {
  "the server took it": {
    next: (delivery) => recordSent(delivery, at),
    expected: { pending: "sent", sent: "sent", failed: "sent" },
  },
  "an attempt failed": {
    next: (delivery) => recordFailure(delivery, { reason: "451 later", isFinal: false, at }),
    expected: { pending: "pending", sent: "sent", failed: "failed" },
  },
  "the address was refused": {
    next: (delivery) => recordFailure(delivery, { reason: "550 unknown", isFinal: true, at }),
    expected: { pending: "failed", sent: "sent", failed: "failed" },
  },
  "an operator retries": {
    next: (delivery) => retryDelivery(delivery, at).delivery,
    expected: { pending: "pending", sent: "sent", failed: "pending" },
  },
};

for (const [name, { next, expected }] of Object.entries(table)) {
  describe(name, () => {
    test.each([...deliveryStatuses])("a delivery that is %s", (status) => {
      expect(next(aDelivery({ status })).status).toBe(expected[status]);
    });
  });
}

test("only a failed delivery is worth another job", () => {
  expect(deliveryStatuses.filter((status) => retryDelivery(aDelivery({ status }), at).isRetried)).toEqual(["failed"]);
});

test("each attempt is counted and its error kept, bounded", () => {
  const failed = recordFailure(aDelivery(), { reason: "x".repeat(9_000), isFinal: false, at });
  expect(failed.attempts).toBe(1);
  expect(failed.lastError).toHaveLength(500);
  expect(recordSent(failed, at)).toMatchObject({ attempts: 2, lastError: null, sentAt: at });
});
