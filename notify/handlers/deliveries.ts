import { z } from "zod";
import { deliveryStatuses } from "../domain/delivery.ts";
import { listDeliveries } from "../repositories/list-deliveries.ts";
import { DeliveryView, viewOf } from "./delivery-view.ts";
import { exampleDelivery } from "./examples.ts";
import { operatorProcedure } from "./trpc.ts";

const Input = z.object({
  orderId: z.uuid().optional(),
  status: z.enum(deliveryStatuses).optional(),
  cursor: z.uuid().optional(),
  limit: z.int().min(1).max(100).default(20),
});

/** Newest first. */
export const deliveries = operatorProcedure
  .meta({
    openapi: {
      method: "GET",
      path: "/deliveries",
      summary: "List mails and what became of them",
      description: "Newest first.",
      example: { input: { status: "sent" }, output: { items: [exampleDelivery], nextCursor: null } },
    },
  })
  .input(Input)
  .output(z.object({ items: z.array(DeliveryView), nextCursor: z.uuid().nullable() }))
  .query(async ({ ctx, input }) => {
    const { items, nextCursor } = await listDeliveries(ctx.sql, input);
    return { items: items.map(viewOf), nextCursor };
  });
