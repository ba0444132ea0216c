import { z } from "zod";
import { orderStatuses } from "../domain/order.ts";
import { visibleOrder } from "../domain/visible-order.ts";
import { exampleOrder, exampleTimeline } from "./examples.ts";
import { OrderId } from "./keyed-request.ts";
import { customerProcedure } from "./trpc.ts";

const Timeline = z.object({
  orderId: z.uuid(),
  items: z.array(
    z.object({
      at: z.iso.datetime(),
      /** The type of the event: the order's own, or the one that led to them. */
      event: z.string(),
      eventId: z.uuid(),
      traceId: z.string().nullable(),
      status: z.enum(orderStatuses),
    }),
  ),
});

/** Oldest first. `status` is the order's after the step. */
export const timeline = customerProcedure
  .meta({
    openapi: {
      method: "GET",
      path: "/orders/{orderId}/timeline",
      summary: "Read what happened to an order",
      description: "Oldest first.",
      refusals: ["order_not_found"],
      example: { input: { orderId: exampleOrder.id }, output: { orderId: exampleOrder.id, items: exampleTimeline } },
    },
  })
  .input(z.object({ orderId: OrderId }))
  .output(Timeline)
  .query(async ({ ctx, input }) => {
    const order = visibleOrder(await ctx.orders.byId(input.orderId), ctx.caller);
    const steps = await ctx.orders.steps(order.id);
    const items = steps.map(({ at, event, eventId, traceId, status }) => ({
      at: at.toISOString(),
      event,
      eventId,
      traceId,
      status,
    }));
    return { orderId: order.id, items };
  });
