import { Sku } from "@orderflow/common/events/values";
import { Money } from "@orderflow/common/money";
import { z } from "zod";

export const maxUnitsPerCall = 1_000_000;

export const IdempotencyKey = z.uuid();
export const Limit = z.int().min(1).max(100).default(20);
export const Name = z.string().trim().min(1).max(200);
export const Description = z.string().trim().max(5_000);

export const ProductView = z
  .object({
    sku: Sku,
    name: z.string(),
    description: z.string(),
    unitPrice: Money,
    isActive: z.boolean(),
    version: z.int(),
    available: z.int(),
    onHand: z.int(),
    reserved: z.int(),
  })
  .meta({ id: "Product" });
