import type { SQL, TransactionSQL } from "bun";
import type { Order, OrderStatus } from "../domain/order.ts";
import { type OrderRow, orderColumns, toOrder } from "./order-rows.ts";

export type OrderFilter = {
  /** Undefined: of every customer. */
  customerId?: string | undefined;
  status?: OrderStatus | undefined;
  /** Only orders placed before this one. */
  beforeId?: string | undefined;
  limit: number;
};

/** Newest first: ids are time-ordered, so the order of the index is the order of placing. */
export async function listOrders(
  sql: SQL | TransactionSQL,
  { customerId, status, beforeId, limit }: OrderFilter,
): Promise<Order[]> {
  const rows: OrderRow[] = await sql`
    select ${orderColumns(sql)} from customer_order o
    where true
      ${customerId === undefined ? sql`` : sql`and o.customer_id = ${customerId}`}
      ${status === undefined ? sql`` : sql`and o.status = ${status}`}
      ${beforeId === undefined ? sql`` : sql`and o.id < ${beforeId}`}
    order by o.id desc limit ${limit}`;
  return rows.map(toOrder);
}
