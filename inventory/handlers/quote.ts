import { Sku } from "@orderflow/common/events/values";
import { Money } from "@orderflow/common/money";
import { z } from "zod";
import { serviceProcedure } from "./trpc.ts";

const Quote = z.object({ sku: Sku, name: z.string(), unitPrice: Money, available: z.int() });

/** Only reads, but is asked by POST: the SKUs of a whole batch of orders are too many for a URL. */
export const quote = serviceProcedure
  .input(z.object({ skus: z.array(Sku).min(1).max(10_000) }))
  .output(z.object({ quotes: z.array(Quote) }))
  .mutation(async ({ ctx, input }) => ({ quotes: await ctx.products.quote(input.skus) }));
