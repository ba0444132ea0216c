import { Sku } from "@orderflow/common/events/values";
import { z } from "zod";
import { knownProduct } from "../domain/known-product.ts";
import { exampleMovement } from "./examples.ts";
import { Limit } from "./inputs.ts";
import { cursorOf, readCursor, toPage } from "./page.ts";
import { operatorProcedure } from "./trpc.ts";

const MovementId = z.string().regex(/^[1-9]\d{0,14}$/);
const Movement = z
  .object({
    id: z.string(),
    sku: Sku,
    location: z.string(),
    kind: z.enum(["received", "adjusted", "reserved", "released", "sold"]),
    onHandDelta: z.int(),
    reservedDelta: z.int(),
    onHandAfter: z.int(),
    reservedAfter: z.int(),
    orderId: z.uuid().nullable(),
    cause: z.string(),
    reason: z.string().nullable(),
    actor: z.string().nullable(),
    at: z.iso.datetime(),
  })
  .meta({ id: "StockMovement" });

/** Newest first. */
export const movements = operatorProcedure
  .meta({
    openapi: {
      method: "GET",
      path: "/products/{sku}/movements",
      summary: "List the stock movements of a product",
      description: "Newest first.",
      refusals: ["unknown_sku"],
      example: { input: { sku: "MUG-0001" }, output: { items: [exampleMovement], nextCursor: null } },
    },
  })
  .input(z.object({ sku: Sku, cursor: cursorOf(MovementId).optional(), limit: Limit }))
  .output(z.object({ items: z.array(Movement), nextCursor: z.string().nullable() }))
  .query(async ({ ctx, input: { sku, cursor, limit } }) => {
    knownProduct(await ctx.products.bySku(sku, { showsInactive: true }), sku);
    const rows = await ctx.movements.list({ sku, before: cursor && readCursor(cursor), limit });
    return toPage(rows, limit, ({ id }) => id);
  });
