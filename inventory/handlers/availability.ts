import { Sku } from "@orderflow/common/events/values";
import { z } from "zod";
import { seesInactive } from "../domain/sees-inactive.ts";
import { publicProcedure } from "./trpc.ts";

const Availability = z.object({ items: z.array(z.object({ sku: Sku, available: z.int() })) });

/** A SKU that is not for sale is left out of the answer. */
export const availability = publicProcedure
  .meta({
    openapi: {
      method: "GET",
      path: "/availability",
      summary: "Read how much of some products can be sold",
      description: "What is not for sale is left out.",
      example: { input: { skus: ["MUG-0001"] }, output: { items: [{ sku: "MUG-0001", available: 57 }] } },
    },
  })
  .input(z.object({ skus: z.array(Sku).min(1).max(100) }))
  .output(Availability)
  .query(async ({ ctx, input }) => ({
    items: await ctx.products.availability(input.skus, { showsInactive: seesInactive(ctx.caller) }),
  }));
