import { rowSet } from "@orderflow/common/database/row-set";
import type { ShippingAddress, StockLine } from "@orderflow/common/events/values";
import type { SQL, TransactionSQL } from "bun";
import type { Booking, Shipment, ShipmentStatus } from "../domain/shipment.ts";

export type ShipmentRow = {
  id: string;
  order_id: string;
  order_number: string;
  status: ShipmentStatus;
  lines: StockLine[];
  shipping_address: ShippingAddress | null;
  carrier: string | null;
  tracking_number: string | null;
  traceparent: string | null;
  correlation_id: string | null;
  causation_id: string;
  requested_at: Date;
  dispatched_at: Date | null;
  delivered_at: Date | null;
  cancelled_at: Date | null;
  updated_at: Date;
};

const shipmentRows = rowSet({
  id: "uuid",
  order_id: "uuid",
  order_number: "text",
  status: "text",
  lines: "jsonb",
  shipping_address: "jsonb",
  carrier: "text",
  tracking_number: "text",
  traceparent: "text",
  correlation_id: "text",
  causation_id: "uuid",
  requested_at: "timestamptz",
  dispatched_at: "timestamptz",
  delivered_at: "timestamptz",
  cancelled_at: "timestamptz",
  updated_at: "timestamptz",
});

const changeRows = rowSet({
  id: "uuid",
  status: "text",
  carrier: "text",
  tracking_number: "text",
  dispatched_at: "timestamptz",
  delivered_at: "timestamptz",
  cancelled_at: "timestamptz",
  updated_at: "timestamptz",
});

/** Adds those whose order has none yet, and answers them. Rows go in order-id order, so that two consumers cannot deadlock. */
export async function insertShipments(tx: TransactionSQL, shipments: Shipment[]): Promise<Shipment[]> {
  if (shipments.length === 0) return [];
  const inserted: { id: string }[] = await tx`
    insert into shipment (id, order_id, order_number, status, lines, shipping_address, carrier, tracking_number, traceparent,
      correlation_id, causation_id, requested_at, dispatched_at, delivered_at, cancelled_at, updated_at)
    select id, order_id, order_number, status, lines, shipping_address, carrier, tracking_number, traceparent,
      correlation_id, causation_id, requested_at, dispatched_at, delivered_at, cancelled_at, updated_at
    from ${shipmentRows(tx, shipments.map(toRow))} row
    order by row.order_id
    on conflict (order_id) do nothing returning id`;
  const ids = new Set(inserted.map(({ id }) => id));
  return shipments.filter(({ id }) => ids.has(id));
}

/** Locked until the transaction ends, in id order. */
export async function lockShipments(
  tx: TransactionSQL,
  { by, ids }: { by: "id" | "order"; ids: string[] },
): Promise<Shipment[]> {
  const wanted = tx.array([...new Set(ids)], "TEXT");
  const rows: ShipmentRow[] =
    by === "id"
      ? await tx`select * from shipment where id = any(${wanted}::uuid[]) order by id for update`
      : await tx`select * from shipment where order_id = any(${wanted}::uuid[]) order by id for update`;
  return rows.map(toShipment);
}

/** Saves what can change. The rows are locked by this transaction already. */
export async function saveShipments(tx: TransactionSQL, shipments: Shipment[]): Promise<void> {
  if (shipments.length === 0) return;
  await tx`
    update shipment set status = row.status, carrier = row.carrier, tracking_number = row.tracking_number,
      dispatched_at = row.dispatched_at, delivered_at = row.delivered_at, cancelled_at = row.cancelled_at,
      updated_at = row.updated_at
    from ${changeRows(tx, shipments.map(toRow))} row
    where shipment.id = row.id`;
}

export async function shipmentsById(sql: SQL, ids: string[]): Promise<Shipment[]> {
  const wanted = sql.array([...new Set(ids)], "TEXT");
  const rows: ShipmentRow[] = await sql`select * from shipment where id = any(${wanted}::uuid[])`;
  return rows.map(toShipment);
}

function toRow({ trace, booking, ...shipment }: Shipment): ShipmentRow {
  return {
    id: shipment.id,
    order_id: shipment.orderId,
    order_number: shipment.orderNumber,
    status: shipment.status,
    lines: shipment.lines,
    shipping_address: shipment.shippingAddress,
    carrier: booking?.carrier ?? null,
    tracking_number: booking?.trackingNumber ?? null,
    traceparent: trace.traceparent ?? null,
    correlation_id: trace.correlationId ?? null,
    causation_id: trace.causationId,
    requested_at: shipment.requestedAt,
    dispatched_at: shipment.dispatchedAt,
    delivered_at: shipment.deliveredAt,
    cancelled_at: shipment.cancelledAt,
    updated_at: shipment.updatedAt,
  };
}

export function toShipment(row: ShipmentRow): Shipment {
  return {
    id: row.id,
    orderId: row.order_id,
    orderNumber: row.order_number,
    status: row.status,
    lines: row.lines,
    shippingAddress: row.shipping_address,
    booking: toBooking(row),
    trace: {
      traceparent: row.traceparent ?? undefined,
      correlationId: row.correlation_id ?? undefined,
      causationId: row.causation_id,
    },
    requestedAt: row.requested_at,
    dispatchedAt: row.dispatched_at,
    deliveredAt: row.delivered_at,
    cancelledAt: row.cancelled_at,
    updatedAt: row.updated_at,
  };
}

function toBooking({ carrier, tracking_number: trackingNumber }: ShipmentRow): Booking | null {
  return carrier === null || trackingNumber === null ? null : { carrier, trackingNumber };
}
