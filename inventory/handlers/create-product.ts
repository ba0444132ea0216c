import { Sku } from "@orderflow/common/events/values";
import { Money } from "@orderflow/common/money";
import { z } from "zod";
import { createProduct as decide } from "../domain/product.ts";
import { exampleNewProduct, exampleProduct } from "./examples.ts";
import { Description, IdempotencyKey, maxUnitsPerCall, Name, ProductView } from "./inputs.ts";
import { operatorProcedure } from "./trpc.ts";

const CreateProduct = z.object({
  idempotencyKey: IdempotencyKey,
  sku: Sku,
  name: Name,
  description: Description.default(""),
  unitPrice: Money,
  initialStock: z.int().min(0).max(maxUnitsPerCall).default(0),
});

export const createProduct = operatorProcedure
  .meta({
    openapi: {
      method: "POST",
      path: "/products",
      created: "/products/{sku}",
      summary: "Create a product",
      refusals: ["sku_taken", "idempotency_key_reused"],
      example: { input: exampleNewProduct, output: exampleProduct },
    },
  })
  .input(CreateProduct)
  .output(ProductView)
  .mutation(({ ctx, input }) => {
    const { idempotencyKey: _, ...product } = input;
    return ctx.productChanges.change({ caller: ctx.caller, operation: "createProduct", input }, (shelves, cause) =>
      decide(shelves, product, cause),
    );
  });
