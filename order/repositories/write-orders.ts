import { allSent } from "@orderflow/common/database/all-sent";
import { rowSet } from "@orderflow/common/database/row-set";
import type { TransactionSQL } from "bun";
import type { Order } from "../domain/order.ts";

const orderRows = rowSet({
  id: "uuid",
  number: "text",
  customer_id: "text",
  contact_name: "text",
  contact_email: "text",
  status: "text",
  currency: "text",
  total_minor: "bigint",
  shipping_address: "jsonb",
  placed_at: "timestamptz",
  updated_at: "timestamptz",
  version: "int",
});

const lineRows = rowSet({
  order_id: "uuid",
  position: "smallint",
  sku: "text",
  name: "text",
  quantity: "int",
  unit_price_minor: "bigint",
});

const changeRows = rowSet({
  id: "uuid",
  status: "text",
  updated_at: "timestamptz",
  version: "int",
  dispatch_authorized_at: "timestamptz",
  version_before: "int",
});

/** New orders with their lines: one statement per table. */
export async function insertOrders(tx: TransactionSQL, orders: Order[]): Promise<void> {
  const writingOrders = tx`
    insert into customer_order (id, number, customer_id, contact_name, contact_email, status, currency, total_minor,
      shipping_address, placed_at, updated_at, version)
    select id, number, customer_id, contact_name, contact_email, status, currency, total_minor,
      shipping_address, placed_at, updated_at, version
    from ${orderRows(tx, orders.map(toRow))} row`;
  const writingLines = tx`
    insert into order_line (order_id, position, sku, name, quantity, unit_price_minor)
    select order_id, position, sku, name, quantity, unit_price_minor
    from ${lineRows(tx, orders.flatMap(toLineRows))} row`;
  await allSent([writingOrders, writingLines]);
}

export type Saved = { before: Order; after: Order };

/**
 * Writes what may change of an order. The rows are locked by the caller.
 *
 * @throws when an order is not at the version the decision was made on: then it was decided without the lock.
 */
export async function updateOrders(tx: TransactionSQL, changes: Saved[]): Promise<void> {
  if (changes.length === 0) return;
  const written: unknown[] = await tx`
    update customer_order o
    set status = row.status, updated_at = row.updated_at, version = row.version,
        dispatch_authorized_at = row.dispatch_authorized_at
    from ${changeRows(tx, changes.map(toChangeRow))} row
    where o.id = row.id and o.version = row.version_before
    returning o.id`;
  if (written.length !== changes.length) {
    throw new Error(`${changes.length - written.length} orders were changed by somebody else meanwhile`);
  }
}

function toRow(order: Order) {
  return {
    id: order.id,
    number: order.number,
    customer_id: order.customerId,
    contact_name: order.contact.name,
    contact_email: order.contact.email,
    status: order.status,
    currency: order.total.currency,
    total_minor: order.total.amountMinor,
    shipping_address: order.shippingAddress,
    placed_at: order.placedAt,
    updated_at: order.updatedAt,
    version: order.version,
  };
}

function toLineRows(order: Order) {
  return order.lines.map((line, position) => ({
    order_id: order.id,
    position,
    sku: line.sku,
    name: line.name,
    quantity: line.quantity,
    unit_price_minor: line.unitPrice.amountMinor,
  }));
}

function toChangeRow({ before, after }: Saved) {
  return {
    id: after.id,
    status: after.status,
    updated_at: after.updatedAt,
    version: after.version,
    dispatch_authorized_at: after.dispatchAuthorizedAt,
    version_before: before.version,
  };
}
