import { OrderCreated } from "@orderflow/common/events/order-events";
import { z } from "zod";
import { bringBackOrder } from "../domain/bring-back-order.ts";
import { exampleCreated, exampleKey, exampleOrder } from "./examples.ts";
import { callTrace, IdempotencyKey } from "./keyed-request.ts";
import { OrderView, toView } from "./order-view.ts";
import { operatorProcedure } from "./trpc.ts";

/** Each order has its id already, so that repeating this answers the order that is there: the key needs no memory. */
export const bringBack = operatorProcedure
  .meta({
    openapi: {
      method: "POST",
      path: "/orders/bring-back",
      summary: "Bring back an order that a restored database has forgotten",
      example: { input: { idempotencyKey: exampleKey, created: exampleCreated }, output: exampleOrder },
    },
  })
  .input(z.object({ idempotencyKey: IdempotencyKey, created: OrderCreated }))
  .output(OrderView)
  .mutation(async ({ ctx, input: { created } }) =>
    toView(await ctx.orders.bringBack(bringBackOrder(created, ctx.now()), callTrace())),
  );
