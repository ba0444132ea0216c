import { instant } from "@orderflow/common/database/instant";
import type { Trace } from "@orderflow/common/messaging/event";
import { sql } from "drizzle-orm";
import { check, index, integer, jsonb, pgTable, text, unique, uniqueIndex, uuid } from "drizzle-orm/pg-core";

export { idempotencyKey } from "@orderflow/common/idempotency/schema";
export {
  cursor,
  cursorTrail,
  deadLetter,
  discardedDeadLetter,
  lostEvent,
  skippedRange,
} from "@orderflow/common/messaging/schema";
export { retention } from "@orderflow/common/retention/schema";

/** One row per message to somebody. The unique keys say that nothing is told twice: of an order by its kind, else by its event. */
export const delivery = pgTable(
  "delivery",
  {
    id: uuid("id").primaryKey(),
    eventId: uuid("event_id").notNull(),
    kind: text("kind").notNull(),
    channel: text("channel").notNull(),
    orderId: uuid("order_id"),
    recipientName: text("recipient_name").notNull(),
    recipientEmail: text("recipient_email").notNull(),
    data: jsonb("data").notNull(),
    status: text("status").notNull(),
    attempts: integer("attempts").notNull(),
    lastError: text("last_error"),
    trace: jsonb("trace").$type<Trace>().notNull(),
    createdAt: instant("created_at").notNull(),
    sentAt: instant("sent_at"),
    updatedAt: instant("updated_at").notNull(),
  },
  (table) => [
    unique("delivery_order_kind_channel").on(table.orderId, table.kind, table.channel),
    uniqueIndex("delivery_of_no_order").on(table.eventId, table.channel).where(sql`${table.orderId} is null`),
    // Nearly all are sent: those are found by their id.
    index("delivery_not_sent").on(table.status, table.id).where(sql`${table.status} <> 'sent'`),
    check("delivery_status", sql`${table.status} in ('pending', 'sent', 'failed')`),
  ],
);
