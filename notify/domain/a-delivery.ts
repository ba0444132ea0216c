import { newId } from "@orderflow/common/ids";
import type { Delivery } from "./delivery.ts";
import { orderEventData } from "./event-data.ts";

/** Test builder: the mail of a shipped order, waiting to be sent. */
export function aDelivery(rest: Partial<Delivery> = {}): Delivery {
  const at = new Date("2026-03-01T10:00:00.000Z");
  const data = orderEventData("order.shipped");
  return {
    id: newId(),
    eventId: newId(),
    kind: "order.shipped",
    channel: "email",
    orderId: data.orderId,
    recipient: data.contact,
    data,
    status: "pending",
    attempts: 0,
    lastError: null,
    trace: { correlationId: "correlation-1" },
    createdAt: at,
    sentAt: null,
    updatedAt: at,
    ...rest,
  };
}
