import { z } from "zod";
import { cancelOrder } from "../domain/cancel-order.ts";
import { visibleOrder } from "../domain/visible-order.ts";
import { exampleKey, exampleOrder } from "./examples.ts";
import { callTrace, IdempotencyKey, keyedRequest, OrderId } from "./keyed-request.ts";
import { OrderView, toView } from "./order-view.ts";
import { customerProcedure } from "./trpc.ts";

const CancelOrder = z.object({
  idempotencyKey: IdempotencyKey,
  orderId: OrderId,
  reason: z.string().trim().min(1).max(200),
});

export const cancel = customerProcedure
  .meta({
    isGathered: true,
    openapi: {
      method: "POST",
      path: "/orders/{orderId}/cancel",
      summary: "Cancel an order",
      description: "Possible until it is on its way.",
      refusals: ["order_not_found", "order_already_shipped", "order_rejected", "idempotency_key_reused"],
      example: {
        input: { idempotencyKey: exampleKey, orderId: exampleOrder.id, reason: "Ordered twice" },
        output: { ...exampleOrder, status: "cancelled", version: 2 },
      },
    },
  })
  .input(CancelOrder)
  .output(OrderView)
  .mutation(async ({ ctx, input }) => {
    const cancelled = await ctx.change({
      orderId: input.orderId,
      decide: (order) => cancelOrder(visibleOrder(order, ctx.caller), input.reason, ctx.now()),
      trace: callTrace(),
      request: keyedRequest(ctx.caller, "order.cancel", input),
    });
    return toView(cancelled);
  });
