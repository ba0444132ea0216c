import type { EventData } from "@orderflow/common/events/catalog";
import { OrderCancelled, OrderCreated } from "@orderflow/common/events/order-events";
import type { SQL } from "bun";

export type RememberedOrder = {
  orderId: string;
  /** Absent when it was in the older copy, or nobody remembers it. */
  created?: EventData<"order.created">;
  cancelled?: Pick<EventData<"order.cancelled">, "previousStatus" | "reason">;
};

/** What notify's deliveries remember of how these orders were placed and cancelled, for as long as it keeps them. */
export async function rememberedOrders(notify: SQL, orderIds: string[]): Promise<Map<string, RememberedOrder>> {
  const rows: { order_id: string; kind: string; data: unknown }[] = await notify`
    select order_id, kind, data from delivery
    where kind in ('order.created', 'order.cancelled') and order_id = any(${notify.array(orderIds, "TEXT")}::uuid[])`;
  const orders = new Map<string, RememberedOrder>();
  for (const { order_id: orderId, kind, data } of rows) {
    const known = orders.get(orderId) ?? { orderId };
    const created = kind === "order.created" ? OrderCreated.safeParse(data).data : undefined;
    const cancelled = kind === "order.cancelled" ? OrderCancelled.safeParse(data).data : undefined;
    orders.set(orderId, { ...known, ...(created && { created }), ...(cancelled && { cancelled }) });
  }
  return orders;
}
