import { Refusal } from "@orderflow/common/errors";
import type { Trace } from "@orderflow/common/messaging/event";
import { z } from "zod";
import { authorizeDispatch } from "../domain/authorize-dispatch.ts";
import type { Order } from "../domain/order.ts";
import { visibleOrder } from "../domain/visible-order.ts";
import { authorizationOf, DispatchAuthorization } from "./authorize-dispatch.ts";
import { callTrace, OrderId } from "./keyed-request.ts";
import { serviceProcedure } from "./trpc.ts";

const maxOrders = 50;

const Refused = z.object({ refusal: z.object({ reason: z.string(), message: z.string() }) });
const Answer = z.union([DispatchAuthorization, Refused]);

/** As authorizeDispatch, for up to 50 orders. Answers in their order, and refuses each alone. */
export const authorizeDispatches = serviceProcedure
  .input(z.object({ orderIds: z.array(OrderId).min(1).max(maxOrders) }))
  .output(z.array(Answer))
  .mutation(({ ctx, input }) => {
    const trace: Trace = callTrace();
    const decide = (stored: Order | undefined) => authorizeDispatch(visibleOrder(stored, ctx.caller), ctx.now());
    return Promise.all(
      input.orderIds.map((orderId) => ctx.change({ orderId, decide, trace }).then(authorizationOf).catch(refused)),
    );
  });

function refused(error: unknown): z.infer<typeof Refused> {
  if (!(error instanceof Refusal)) throw error;
  return { refusal: { reason: error.reason, message: error.message } };
}
