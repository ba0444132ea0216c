import { z } from "zod";
import { Money } from "../money.ts";
import { Contact, OrderLine, ShippingAddress, Sku, StockLine } from "./values.ts";

/** What every order event says about its order, so that a listener needs to ask nobody. */
const OrderReference = z.object({
  orderId: z.uuid(),
  number: z.string(),
  customerId: z.string(),
  contact: Contact,
  total: Money,
});

/** The call that placed an order: so that it is answered the same again, should order's database forget it. */
export const PlacingRequest = z.object({ idempotencyKey: z.uuid(), hash: z.string().max(64) });
export type PlacingRequest = z.infer<typeof PlacingRequest>;

export const OrderCreated = OrderReference.extend({
  lines: z.array(OrderLine).min(1).max(50),
  shippingAddress: ShippingAddress,
  placedAt: z.iso.datetime(),
  request: PlacingRequest.optional(),
  /** The order was lost with an older copy of the database, and is told of again. */
  broughtBackAt: z.iso.datetime().optional(),
});
export const OrderConfirmed = OrderReference.extend({ confirmedAt: z.iso.datetime() });
export const OrderRejected = OrderReference.extend({
  rejectedAt: z.iso.datetime(),
  reason: z.enum(["out_of_stock", "unknown_sku"]),
  skus: z.array(Sku),
});
export const OrderCancelled = OrderReference.extend({
  cancelledAt: z.iso.datetime(),
  reason: z.string(),
  previousStatus: z.enum(["pending", "confirmed"]),
});
export const OrderShipped = OrderReference.extend({
  shippedAt: z.iso.datetime(),
  carrier: z.string(),
  trackingNumber: z.string(),
});
export const OrderDelivered = OrderReference.extend({ deliveredAt: z.iso.datetime() });

/** A command to worker: fulfil this confirmed order. */
export const FulfilOrder = z.object({
  orderId: z.uuid(),
  number: z.string(),
  contact: Contact,
  shippingAddress: ShippingAddress,
  lines: z.array(StockLine).min(1).max(50),
});
