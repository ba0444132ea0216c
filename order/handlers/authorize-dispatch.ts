import { z } from "zod";
import { authorizeDispatch as decideDispatch } from "../domain/authorize-dispatch.ts";
import type { Order } from "../domain/order.ts";
import { visibleOrder } from "../domain/visible-order.ts";
import { callTrace, OrderId } from "./keyed-request.ts";
import { serviceProcedure } from "./trpc.ts";

export const DispatchAuthorization = z.object({ orderId: z.uuid(), authorizedAt: z.iso.datetime() });

/** Asked again it answers the same. Refuses with order_not_confirmed, and as long as it cannot tell with order_still_pending or order_not_found. */
export const authorizeDispatch = serviceProcedure
  .input(z.object({ orderId: OrderId }))
  .output(DispatchAuthorization)
  .mutation(async ({ ctx, input }) => {
    const order = await ctx.change({
      orderId: input.orderId,
      decide: (stored) => decideDispatch(visibleOrder(stored, ctx.caller), ctx.now()),
      trace: callTrace(),
    });
    return authorizationOf(order);
  });

export function authorizationOf(order: Order): z.infer<typeof DispatchAuthorization> {
  return { orderId: order.id, authorizedAt: (order.dispatchAuthorizedAt ?? order.updatedAt).toISOString() };
}
