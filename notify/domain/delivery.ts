import type { Trace } from "@orderflow/common/messaging/event";
import type { MailKind } from "./mail-kinds.ts";

export const deliveryStatuses = ["pending", "sent", "failed"] as const;
export type DeliveryStatus = (typeof deliveryStatuses)[number];

export type Recipient = { name: string; email: string };

/** One message to one person. It holds all it needs, so that sending asks nobody. */
export type Delivery = {
  id: string;
  /** The event that it tells of. */
  eventId: string;
  kind: MailKind;
  channel: "email";
  /** Null when it is not about an order. With kind and channel, a delivery is the only one of its order. */
  orderId: string | null;
  recipient: Recipient;
  /** The event's data. */
  data: unknown;
  status: DeliveryStatus;
  attempts: number;
  lastError: string | null;
  trace: Trace;
  createdAt: Date;
  sentAt: Date | null;
  updatedAt: Date;
};

/** What became of an attempt: `refused` is for good, `failed` may succeed later. */
export type AttemptOutcome = { kind: "accepted" } | { kind: "refused" | "failed"; reason: string };

const maxErrorCharacters = 500;

export function isDue({ status }: Delivery): boolean {
  return status === "pending";
}

/** `isLast` when no attempt is left after this one. */
export function recordOutcome(
  delivery: Delivery,
  outcome: AttemptOutcome,
  { at, isLast }: { at: Date; isLast: boolean },
): Delivery {
  switch (outcome.kind) {
    case "accepted":
      return recordSent(delivery, at);
    case "refused":
      return recordFailure(delivery, { reason: outcome.reason, isFinal: true, at });
    case "failed":
      return recordFailure(delivery, { reason: outcome.reason, isFinal: isLast, at });
  }
}

export function recordSent(delivery: Delivery, at: Date): Delivery {
  switch (delivery.status) {
    case "pending":
    case "failed": // A retry that was slower than the verdict: the mail has left, so it says so.
      return {
        ...delivery,
        status: "sent",
        attempts: delivery.attempts + 1,
        lastError: null,
        sentAt: at,
        updatedAt: at,
      };
    case "sent":
      return delivery;
  }
}

/** A failed attempt. `isFinal` when no further attempt can help or none is left. */
export function recordFailure(delivery: Delivery, failure: { reason: string; isFinal: boolean; at: Date }): Delivery {
  switch (delivery.status) {
    case "pending":
      return {
        ...delivery,
        status: failure.isFinal ? "failed" : "pending",
        attempts: delivery.attempts + 1,
        lastError: failure.reason.slice(0, maxErrorCharacters).toWellFormed(),
        updatedAt: failure.at,
      };
    case "sent":
    case "failed":
      return delivery;
  }
}

/** An operator asks for another attempt. Only a failed delivery needs one: a pending one is tried again by itself. */
export function retryDelivery(delivery: Delivery, at: Date): { delivery: Delivery; isRetried: boolean } {
  switch (delivery.status) {
    case "failed":
      return { delivery: { ...delivery, status: "pending", updatedAt: at }, isRetried: true };
    case "pending":
    case "sent":
      return { delivery, isRetried: false };
  }
}
