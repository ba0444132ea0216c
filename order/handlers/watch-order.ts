import { tracked } from "@trpc/server";
import { z } from "zod";
import { isFinal, type Order } from "../domain/order.ts";
import { statesAfter } from "../domain/states-after.ts";
import { visibleOrder } from "../domain/visible-order.ts";
import { exampleOrder } from "./examples.ts";
import { OrderId } from "./keyed-request.ts";
import { OrderView, toView } from "./order-view.ts";
import { customerProcedure } from "./trpc.ts";

const WatchOrder = z.object({
  orderId: OrderId,
  /** The version seen last; a client that reconnects sends it by itself. */
  lastEventId: z.coerce.number<string | number>().pipe(z.int().min(0)).optional(),
});

/** The order as it is now and then as each change leaves it, until its last. The id of each is the order's version. */
export const watch = customerProcedure
  .meta({
    openapi: {
      method: "GET",
      path: "/orders/{orderId}/watch",
      summary: "Follow an order",
      description: "As it is now, and then as each change leaves it, until its last.",
      refusals: ["order_not_found", "too_many_subscriptions"],
      yields: OrderView,
      example: { input: { orderId: exampleOrder.id }, output: exampleOrder },
    },
  })
  .input(WatchOrder)
  .subscription(async function* ({ ctx, input, signal }) {
    using _seat = ctx.live.seats.take(ctx.caller.id);
    using changes = ctx.live.changes.watch(input.orderId);
    const read = async () => visibleOrder(await ctx.orders.byId(input.orderId), ctx.caller);
    let order = await read();
    let seen = lastSeen(order, input.lastEventId);
    if (seen === 0) {
      yield tracked(String(order.version), toView(order));
      seen = order.version;
    }
    while (!signal?.aborted) {
      const steps = await ctx.orders.steps(order.id, seen);
      // Those of an order that ended long ago may be pruned: then its last state is all that is left to tell.
      const states =
        steps.length === 0 && isFinal(order.status) && seen < order.version ? [order] : statesAfter(order, steps);
      for (const state of states) {
        yield tracked(String(state.version), toView(state));
        seen = state.version;
      }
      if (isFinal(order.status) && seen >= order.version) return;
      await changes.changedSince(order.version, signal);
      order = await read();
    }
  });

/** 0: nothing. Also for a version that this order has not reached, which is then not one of ours. */
function lastSeen(order: Order, version = 0): number {
  return version > order.version ? 0 : version;
}
