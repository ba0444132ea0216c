import { Sku } from "@orderflow/common/events/values";
import { z } from "zod";
import { adjustStock } from "../domain/adjust-stock.ts";
import { IdempotencyKey, maxUnitsPerCall, ProductView } from "./inputs.ts";
import { operatorProcedure } from "./trpc.ts";

const Adjust = z.object({
  idempotencyKey: IdempotencyKey,
  sku: Sku,
  delta: z
    .int()
    .min(-maxUnitsPerCall)
    .max(maxUnitsPerCall)
    .refine((delta) => delta !== 0, "an adjustment by 0 adjusts nothing"),
  reason: z.string().trim().min(1).max(200),
});

export const adjust = operatorProcedure
  .input(Adjust)
  .output(ProductView)
  .mutation(({ ctx, input }) =>
    ctx.productChanges.change({ caller: ctx.caller, operation: "adjust", input }, (shelves, cause) =>
      adjustStock(shelves, input, cause),
    ),
  );
