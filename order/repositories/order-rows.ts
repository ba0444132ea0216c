import type { ShippingAddress } from "@orderflow/common/events/values";
import type { SQL, TransactionSQL } from "bun";
import type { Order, OrderStatus } from "../domain/order.ts";

export type OrderRow = {
  id: string;
  number: string;
  customer_id: string;
  contact_name: string;
  contact_email: string;
  status: OrderStatus;
  currency: string;
  total_minor: number;
  shipping_address: ShippingAddress;
  placed_at: Date;
  updated_at: Date;
  version: number;
  dispatch_authorized_at: Date | null;
  lines: LineValues[];
};

type LineValues = [sku: string, name: string, quantity: number, unitPriceMinor: number];

/** What `toOrder` needs of `customer_order o`. */
export function orderColumns(sql: SQL | TransactionSQL) {
  return sql`o.id, o.number, o.customer_id, o.contact_name, o.contact_email, o.status, o.currency,
    o.total_minor::float8 as total_minor, o.shipping_address, o.placed_at, o.updated_at, o.version, o.dispatch_authorized_at,
    (select json_agg(json_build_array(l.sku, l.name, l.quantity, l.unit_price_minor) order by l.position)
     from order_line l where l.order_id = o.id) as lines`;
}

export function toOrder(row: OrderRow): Order {
  return {
    id: row.id,
    number: row.number,
    customerId: row.customer_id,
    contact: { name: row.contact_name, email: row.contact_email },
    status: row.status,
    lines: row.lines.map(([sku, name, quantity, amountMinor]) => ({
      sku,
      name,
      quantity,
      unitPrice: { amountMinor, currency: row.currency },
    })),
    total: { amountMinor: row.total_minor, currency: row.currency },
    shippingAddress: row.shipping_address,
    placedAt: row.placed_at,
    updatedAt: row.updated_at,
    version: row.version,
    dispatchAuthorizedAt: row.dispatch_authorized_at,
  };
}

/** Locked in id order, so that two transactions with the same orders queue instead of deadlocking. */
export async function lockOrders(tx: TransactionSQL, ids: string[]): Promise<Map<string, Order>> {
  const wanted = tx.array([...new Set(ids)], "UUID");
  const rows: OrderRow[] = await tx`
    select ${orderColumns(tx)} from customer_order o where o.id = any(${wanted}) order by o.id for update of o`;
  return new Map(rows.map((row) => [row.id, toOrder(row)]));
}

export async function readOrders(sql: SQL | TransactionSQL, ids: string[]): Promise<Map<string, Order>> {
  if (ids.length === 0) return new Map();
  const wanted = sql.array([...new Set(ids)], "UUID");
  const rows: OrderRow[] = await sql`select ${orderColumns(sql)} from customer_order o where o.id = any(${wanted})`;
  return new Map(rows.map((row) => [row.id, toOrder(row)]));
}
