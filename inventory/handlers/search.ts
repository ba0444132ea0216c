import { Sku } from "@orderflow/common/events/values";
import { z } from "zod";
import { seesInactive } from "../domain/sees-inactive.ts";
import { exampleProduct } from "./examples.ts";
import { Limit, ProductView } from "./inputs.ts";
import { cursorOf, readCursor, toPage } from "./page.ts";
import { publicProcedure } from "./trpc.ts";

const Search = z.object({ text: z.string().max(100).optional(), cursor: cursorOf(Sku).optional(), limit: Limit });
const Found = z.object({ items: z.array(ProductView), nextCursor: z.string().nullable() });

export const search = publicProcedure
  .meta({
    openapi: {
      method: "GET",
      path: "/products",
      summary: "Search products",
      example: { input: { text: "cup" }, output: { items: [exampleProduct], nextCursor: null } },
    },
  })
  .input(Search)
  .output(Found)
  .query(async ({ ctx, input: { text, cursor, limit } }) => {
    const after = cursor && readCursor(cursor);
    const rows = await ctx.products.search({ text, after, limit, showsInactive: seesInactive(ctx.caller) });
    return toPage(rows, limit, ({ sku }) => sku);
  });
