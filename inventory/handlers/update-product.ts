import { Sku } from "@orderflow/common/events/values";
import { Money } from "@orderflow/common/money";
import { z } from "zod";
import { updateProduct as decide } from "../domain/product.ts";
import { exampleKey, exampleProduct } from "./examples.ts";
import { Description, IdempotencyKey, Name, ProductView } from "./inputs.ts";
import { operatorProcedure } from "./trpc.ts";

const UpdateProduct = z
  .object({
    idempotencyKey: IdempotencyKey,
    sku: Sku,
    name: Name.optional(),
    description: Description.optional(),
    unitPrice: Money.optional(),
    isActive: z.boolean().optional(),
  })
  .refine(
    ({ name, description, unitPrice, isActive }) =>
      [name, description, unitPrice, isActive].some((change) => change !== undefined),
    "name at least one thing to change: name, description, unitPrice or isActive",
  );

export const updateProduct = operatorProcedure
  .meta({
    openapi: {
      method: "PATCH",
      path: "/products/{sku}",
      summary: "Change a product",
      description: "What is left out stays as it is.",
      refusals: ["unknown_sku", "idempotency_key_reused"],
      example: {
        input: { idempotencyKey: exampleKey, sku: exampleProduct.sku, name: "Espresso cup, white" },
        output: { ...exampleProduct, name: "Espresso cup, white", version: 2 },
      },
    },
  })
  .input(UpdateProduct)
  .output(ProductView)
  .mutation(({ ctx, input }) =>
    ctx.productChanges.change({ caller: ctx.caller, operation: "updateProduct", input }, (shelves, cause) =>
      decide(shelves, input, cause),
    ),
  );
