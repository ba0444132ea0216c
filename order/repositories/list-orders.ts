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

/**
 * Newest first: ids are time-ordered, so the order of an index is the order of placing. The page is found by ids alone,
 * which the indexes of customers and statuses hold: read together with its rows, it would be looked for among the newest
 * orders, of which none may be of that status.
 */
export async function listOrders(
  sql: SQL | TransactionSQL,
  { customerId, status, beforeId, limit }: OrderFilter,
): Promise<Order[]> {
  const rows: OrderRow[] = await sql`
    select ${orderColumns(sql)} from (
      select id from customer_order
      where true
        ${customerId === undefined ? sql`` : sql`and customer_id = ${customerId}`}
        ${status === undefined ? sql`` : sql`and status = ${status}`}
        ${beforeId === undefined ? sql`` : sql`and id < ${beforeId}`}
      order by id desc limit ${limit}
    ) page join customer_order o on o.id = page.id
    order by o.id desc`;
  return rows.map(toOrder);
}
