import { z } from "zod";
import { type Delivery, deliveryStatuses } from "../domain/delivery.ts";
import { mailKinds } from "../domain/mail-kinds.ts";

export const DeliveryView = z
  .object({
    id: z.uuid(),
    orderId: z.uuid().nullable(),
    kind: z.enum(mailKinds),
    channel: z.literal("email"),
    recipient: z.object({ name: z.string(), email: z.string() }),
    status: z.enum(deliveryStatuses),
    attempts: z.int(),
    lastError: z.string().nullable(),
    correlationId: z.string().nullable(),
    createdAt: z.iso.datetime(),
    sentAt: z.iso.datetime().nullable(),
    updatedAt: z.iso.datetime(),
  })
  .meta({ id: "Delivery" });

export function viewOf(delivery: Delivery): z.infer<typeof DeliveryView> {
  const { id, orderId, kind, channel, recipient, status, attempts, lastError, trace } = delivery;
  return {
    ...{ id, orderId, kind, channel, recipient, status, attempts, lastError },
    correlationId: trace.correlationId ?? null,
    createdAt: delivery.createdAt.toISOString(),
    sentAt: delivery.sentAt?.toISOString() ?? null,
    updatedAt: delivery.updatedAt.toISOString(),
  };
}
