import type { Caller } from "@orderflow/common/auth/caller";
import { Contact, ShippingAddress, StockLine } from "@orderflow/common/events/values";
import { newId } from "@orderflow/common/ids";
import { TRPCError } from "@trpc/server";
import { z } from "zod";
import { Country } from "./country.ts";
import { exampleDraft, exampleOrder } from "./examples.ts";
import { callTrace, IdempotencyKey, keyedRequest } from "./keyed-request.ts";
import { OrderView, toView } from "./order-view.ts";
import { customerProcedure } from "./trpc.ts";

const Lines = z
  .array(StockLine)
  .min(1)
  .max(50)
  .superRefine((lines, context) => {
    const seen = new Set<string>();
    for (const [index, { sku }] of lines.entries()) {
      if (seen.has(sku))
        context.addIssue({ code: "custom", path: [index, "sku"], message: `${sku} is in an earlier line` });
      seen.add(sku);
    }
  });

const PlaceOrder = z.object({
  idempotencyKey: IdempotencyKey,
  lines: Lines,
  shippingAddress: ShippingAddress.extend({ country: Country }),
});

export const place = customerProcedure
  .meta({
    isGathered: true,
    openapi: {
      method: "POST",
      path: "/orders",
      created: "/orders/{id}",
      summary: "Place an order",
      description: "Prices are those of the moment. What cannot be filled is refused at once.",
      refusals: ["out_of_stock", "unknown_sku", "mixed_currencies", "total_too_large", "idempotency_key_reused"],
      example: { input: exampleDraft, output: exampleOrder },
    },
  })
  .input(PlaceOrder)
  .output(OrderView)
  .mutation(async ({ ctx, input }) => {
    const { lines, shippingAddress } = input;
    const draft = {
      id: newId(),
      customerId: ctx.caller.id,
      contact: contactOf(ctx.caller),
      lines,
      shippingAddress,
      placedAt: ctx.now(),
    };
    const request = keyedRequest(ctx.caller, "order.place", input);
    return toView(await ctx.place({ request, draft, trace: callTrace() }));
  });

const maxNameLength = 200;

/** As events promise it: what a listener cannot read, it stops at. */
function contactOf({ name, email }: Caller): Contact {
  const contact = Contact.safeParse({ name: name.slice(0, maxNameLength).toWellFormed(), email });
  if (contact.success) return contact.data;
  throw new TRPCError({ code: "BAD_REQUEST", message: "The account's e-mail address cannot take mails" });
}
