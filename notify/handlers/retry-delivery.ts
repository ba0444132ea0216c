import { answerOnce } from "@orderflow/common/idempotency/answer-once";
import { z } from "zod";
import { retry } from "../repositories/deliveries.ts";

import { DeliveryView, viewOf } from "./delivery-view.ts";
import { exampleDelivery, exampleKey } from "./examples.ts";
import { operatorProcedure } from "./trpc.ts";

/** Tries a delivery again that nobody tries any more. One that is sent, or still being tried, is answered as it is. */
export const retryDelivery = operatorProcedure
  .meta({
    openapi: {
      method: "POST",
      path: "/deliveries/{deliveryId}/retry",
      summary: "Try a failed mail again",
      description: "One that is sent, or still being tried, is answered as it is.",
      refusals: ["delivery_not_found", "idempotency_key_reused"],
      example: { input: { idempotencyKey: exampleKey, deliveryId: exampleDelivery.id }, output: exampleDelivery },
    },
  })
  .input(z.object({ idempotencyKey: z.uuid(), deliveryId: z.uuid() }))
  .output(DeliveryView)
  .mutation(({ ctx, input: { idempotencyKey, deliveryId } }) => {
    const at = ctx.now();
    const call = { idempotencyKey, callerId: ctx.caller.id, body: ["retryDelivery", deliveryId], at };
    return answerOnce(ctx.sql, call, async (tx) => viewOf(await retry(tx, { id: deliveryId, at })));
  });
