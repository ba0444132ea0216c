import { z } from "zod";
import { Money } from "../money.ts";
import { Sku, StockLine } from "./values.ts";

const StockOfOrder = z.object({ orderId: z.uuid(), lines: z.array(StockLine).min(1).max(50) });

export const StockReserved = StockOfOrder;
export const StockReleased = StockOfOrder;
export const StockSold = StockOfOrder;
export const StockRejected = z.object({
  orderId: z.uuid(),
  reason: z.enum(["out_of_stock", "unknown_sku"]),
  skus: z.array(Sku).min(1),
});
export const StockAdjusted = z.object({
  sku: Sku,
  location: z.string(),
  delta: z.int(),
  onHand: z.int().min(0),
  reason: z.string(),
});
/** Available stock of a SKU fell to or below its threshold. Told once per crossing. */
export const StockLow = z.object({ sku: Sku, name: z.string(), available: z.int().min(0), threshold: z.int().min(0) });

const Product = z.object({
  sku: Sku,
  name: z.string(),
  unitPrice: Money,
  isActive: z.boolean(),
  version: z.int().min(1),
});
export const ProductCreated = Product;
export const ProductUpdated = Product;
