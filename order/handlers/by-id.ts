import { z } from "zod";
import { visibleOrder } from "../domain/visible-order.ts";
import { exampleOrder } from "./examples.ts";
import { OrderId } from "./keyed-request.ts";
import { OrderView, toView } from "./order-view.ts";
import { customerProcedure } from "./trpc.ts";

export const byId = customerProcedure
  .meta({
    openapi: {
      method: "GET",
      path: "/orders/{orderId}",
      summary: "Read an order",
      refusals: ["order_not_found"],
      example: { input: { orderId: exampleOrder.id }, output: exampleOrder },
    },
  })
  .input(z.object({ orderId: OrderId }))
  .output(OrderView)
  .query(async ({ ctx, input }) => toView(visibleOrder(await ctx.orders.byId(input.orderId), ctx.caller)));
