import type { ShippingAddress, StockLine } from "@orderflow/common/events/values";
import { sql } from "drizzle-orm";
import { check, index, jsonb, pgTable, primaryKey, text, timestamp, uuid } from "drizzle-orm/pg-core";

export {
  cursor,
  cursorTrail,
  deadLetter,
  discardedDeadLetter,
  event,
  stream,
} from "@orderflow/common/messaging/schema";

const instant = (name: string) => timestamp(name, { withTimezone: true, mode: "date" });

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

/** What a mutation was answered, so that the same call is answered the same again. */
export const idempotencyKey = pgTable(
  "idempotency_key",
  {
    key: uuid("key").notNull(),
    callerId: text("caller_id").notNull(),
    bodyHash: text("body_hash").notNull(),
    answer: jsonb("answer"),
    createdAt: instant("created_at").notNull(),
  },
  (table) => [
    index("idempotency_key_created_at").on(table.createdAt),
    // A caller's keys are its own: another caller's equal key is another call.
    primaryKey({ columns: [table.callerId, table.key] }),
  ],
);
