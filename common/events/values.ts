import { z } from "zod";
import { Money } from "../money.ts";

/** Values that several services must read alike. */
export const Sku = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, "1 to 64 letters, digits, '.', '_' or '-'")
  .meta({ id: "Sku", examples: ["MUG-0001"] });
export const Quantity = z.int().min(1).max(1_000);

export const Contact = z.object({ name: z.string().max(200), email: z.email().max(320) }).meta({ id: "Contact" });
export type Contact = z.infer<typeof Contact>;

const addressLine = z.string().trim().min(1).max(200);

export const ShippingAddress = z
  .object({
    name: addressLine,
    line1: addressLine,
    line2: addressLine.optional(),
    city: addressLine,
    postalCode: z.string().trim().min(1).max(20),
    country: z.string().regex(/^[A-Z]{2}$/, "an ISO 3166-1 alpha-2 code, such as DE"),
  })
  .meta({ id: "ShippingAddress" });
export type ShippingAddress = z.infer<typeof ShippingAddress>;

export const OrderLine = z
  .object({ sku: Sku, name: z.string(), quantity: Quantity, unitPrice: Money })
  .meta({ id: "OrderLine" });
export type OrderLine = z.infer<typeof OrderLine>;

export const StockLine = z.object({ sku: Sku, quantity: Quantity }).meta({ id: "StockLine" });
export type StockLine = z.infer<typeof StockLine>;
