import type { Delivery } from "../domain/delivery.ts";
import type { Mail } from "../providers/mailer.ts";
import { renderMail } from "./render-mail.ts";

/** The letter of a delivery, addressed and marked so that machines can tell what it is about. */
export function composeMail(delivery: Delivery): Mail {
  return {
    id: delivery.eventId,
    to: delivery.recipient,
    ...renderMail(delivery),
    headers: {
      "X-Orderflow-Event": delivery.kind,
      "X-Orderflow-Event-Id": delivery.eventId,
      ...(delivery.orderId && { "X-Orderflow-Order": delivery.orderId }),
      "Auto-Submitted": "auto-generated",
    },
  };
}
