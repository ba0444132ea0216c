import { z } from "zod";
import { orderStatuses } from "../domain/order.ts";
import { ownOrdersOf } from "../domain/visible-order.ts";
import { exampleOrder } from "./examples.ts";
import { OrderView, toView } from "./order-view.ts";
import { customerProcedure } from "./trpc.ts";

/** Opaque to callers: where the next page begins. */
const Cursor = z
  .base64url()
  .max(100)
  .transform((text) => Buffer.from(text, "base64url").toString())
  .pipe(z.uuid("not a cursor of an earlier answer"));

const ListOrders = z.object({
  status: z.enum(orderStatuses).optional(),
  cursor: Cursor.optional(),
  limit: z.int().min(1).max(100).default(20),
});

const OrderPage = z.object({ items: z.array(OrderView), nextCursor: z.string().nullable() });

/** Newest first: a customer's own orders, to an operator everybody's. */
export const list = customerProcedure
  .meta({
    openapi: {
      method: "GET",
      path: "/orders",
      summary: "List orders",
      description: "Newest first: a customer's own, to an operator everybody's.",
      example: { input: { status: "pending" }, output: { items: [exampleOrder], nextCursor: null } },
    },
  })
  .input(ListOrders.prefault({}))
  .output(OrderPage)
  .query(async ({ ctx, input }) => {
    const { status, cursor, limit } = input;
    const filter = { customerId: ownOrdersOf(ctx.caller), status, beforeId: cursor };
    const found = await ctx.orders.list({ ...filter, limit: limit + 1 });
    const page = found.slice(0, limit);
    const last = found.length > limit ? page.at(-1) : undefined;
    return { items: page.map(toView), nextCursor: last ? Buffer.from(last.id).toString("base64url") : null };
  });
