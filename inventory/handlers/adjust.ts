import { Sku } from "@orderflow/common/events/values";
import { z } from "zod";
import { adjustStock } from "../domain/adjust-stock.ts";
import { exampleKey, exampleProduct } from "./examples.ts";
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
  .meta({
    openapi: {
      method: "POST",
      path: "/products/{sku}/adjustments",
      summary: "Adjust the stock of a product",
      description: "By what was found, lost or broken.",
      refusals: ["unknown_sku", "insufficient_stock", "stock_limit_exceeded", "idempotency_key_reused"],
      example: {
        input: { idempotencyKey: exampleKey, sku: exampleProduct.sku, delta: -3, reason: "Broken in the warehouse" },
        output: { ...exampleProduct, onHand: 57, available: 54 },
      },
    },
  })
  .input(Adjust)
  .output(ProductView)
  .mutation(({ ctx, input }) =>
    ctx.productChanges.change({ caller: ctx.caller, operation: "adjust", input }, (shelves, cause) =>
      adjustStock(shelves, input, cause),
    ),
  );
