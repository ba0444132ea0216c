import { instant } from "@orderflow/common/database/instant";
import type { ShippingAddress, StockLine } from "@orderflow/common/events/values";
import { sql } from "drizzle-orm";
import { check, index, jsonb, pgTable, text, uuid } from "drizzle-orm/pg-core";

export { idempotencyKey } from "@orderflow/common/idempotency/schema";
export {
  cursor,
  cursorTrail,
  deadLetter,
  discardedDeadLetter,
  event,
  lostEvent,
  skippedRange,
  stream,
  streamReader,
} from "@orderflow/common/messaging/schema";

/** One row per order that was asked for, or that was cancelled before it was. */
export const shipment = pgTable(
  "shipment",
  {
    id: uuid("id").primaryKey(),
    orderId: uuid("order_id").notNull().unique(),
    orderNumber: text("order_number").notNull(),
    status: text("status").notNull(),
    lines: jsonb("lines").$type<StockLine[]>().notNull(),
    shippingAddress: jsonb("shipping_address").$type<ShippingAddress>(),
    carrier: text("carrier"),
    trackingNumber: text("tracking_number"),
    traceparent: text("traceparent"),
    correlationId: text("correlation_id"),
    causationId: uuid("causation_id").notNull(),
    requestedAt: instant("requested_at").notNull(),
    dispatchedAt: instant("dispatched_at"),
    deliveredAt: instant("delivered_at"),
    cancelledAt: instant("cancelled_at"),
    updatedAt: instant("updated_at").notNull(),
  },
  (table) => [
    index("shipment_status_id").on(table.status, table.id),
    check("shipment_status", sql`${table.status} in ('requested', 'booked', 'dispatched', 'delivered', 'cancelled')`),
    check(
      "shipment_booking",
      sql`${table.status} not in ('booked', 'dispatched', 'delivered') or (${table.carrier} is not null and ${table.trackingNumber} is not null)`,
    ),
  ],
);
