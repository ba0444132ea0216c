import { Sku } from "@orderflow/common/events/values";
import { z } from "zod";
import { knownProduct } from "../domain/known-product.ts";
import { seesInactive } from "../domain/sees-inactive.ts";
import { exampleProduct } from "./examples.ts";
import { ProductView } from "./inputs.ts";
import { publicProcedure } from "./trpc.ts";

export const bySku = publicProcedure
  .meta({
    openapi: {
      method: "GET",
      path: "/products/{sku}",
      summary: "Read a product",
      refusals: ["unknown_sku"],
      example: { input: { sku: exampleProduct.sku }, output: exampleProduct },
    },
  })
  .input(z.object({ sku: Sku }))
  .output(ProductView)
  .query(async ({ ctx, input: { sku } }) =>
    knownProduct(await ctx.products.bySku(sku, { showsInactive: seesInactive(ctx.caller) }), sku),
  );
