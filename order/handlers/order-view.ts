import { OrderLine, ShippingAddress } from "@orderflow/common/events/values";
import { Money } from "@orderflow/common/money";
import { z } from "zod";
import { type Order, orderStatuses } from "../domain/order.ts";

/** An order as its customer sees it. Instants are ISO 8601 strings in UTC. */
export const OrderView = z
  .object({
    id: z.uuid(),
    number: z.string(),
    status: z.enum(orderStatuses),
    customerId: z.string(),
    lines: z.array(OrderLine),
    total: Money,
    shippingAddress: ShippingAddress,
    placedAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
    version: z.int(),
  })
  .meta({ id: "Order" });
export type OrderView = z.infer<typeof OrderView>;

export function toView(order: Order): OrderView {
  return {
    id: order.id,
    number: order.number,
    status: order.status,
    customerId: order.customerId,
    lines: order.lines,
    total: order.total,
    shippingAddress: order.shippingAddress,
    placedAt: order.placedAt.toISOString(),
    updatedAt: order.updatedAt.toISOString(),
    version: order.version,
  };
}
