import type { FactOf } from "@orderflow/common/events/catalog";
import type { OrderStatus } from "./order.ts";

export type OrderEventType =
  | "order.created"
  | "order.confirmed"
  | "order.rejected"
  | "order.cancelled"
  | "order.shipped"
  | "order.delivered";

/** What an order is after each of its events. */
const statuses: Record<OrderEventType, OrderStatus> = {
  "order.created": "pending",
  "order.confirmed": "confirmed",
  "order.rejected": "rejected",
  "order.cancelled": "cancelled",
  "order.shipped": "shipped",
  "order.delivered": "delivered",
};

export const orderEventTypes = Object.keys(statuses) as OrderEventType[];

export function statusAfter({ type }: FactOf<OrderEventType>): OrderStatus {
  return statuses[type];
}
