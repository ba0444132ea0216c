import { instant } from "@orderflow/common/database/instant";
import { sql } from "drizzle-orm";
import {
  bigint,
  check,
  index,
  integer,
  jsonb,
  pgSequence,
  pgTable,
  primaryKey,
  smallint,
  text,
  uuid,
} from "drizzle-orm/pg-core";

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
export { retention } from "@orderflow/common/retention/schema";

/** Where an order's number comes from. Has gaps: a number is drawn in a transaction that may roll back. */
export const orderNumberSequence = pgSequence("order_number", { startWith: 1 });

/** Not named "order", which SQL keeps for itself. */
export const customerOrder = pgTable(
  "customer_order",
  {
    id: uuid("id").primaryKey(),
    number: text("number").notNull(),
    customerId: text("customer_id").notNull(),
    contactName: text("contact_name").notNull(),
    contactEmail: text("contact_email").notNull(),
    status: text("status").notNull(),
    currency: text("currency").notNull(),
    totalMinor: bigint("total_minor", { mode: "number" }).notNull(),
    shippingAddress: jsonb("shipping_address").notNull(),
    placedAt: instant("placed_at").notNull(),
    updatedAt: instant("updated_at").notNull(),
    version: integer("version").notNull(),
    dispatchAuthorizedAt: instant("dispatch_authorized_at"),
  },
  (table) => [
    // Ascending and read backwards: "desc nulls last" is not the order that "order by id desc" asks for. The status comes
    // along, so that a customer's orders of another status are passed over within the index.
    index("customer_order_of_customer").on(table.customerId, table.id, table.status),
    index("customer_order_in_status").on(table.status, table.id),
    check(
      "customer_order_status",
      sql`${table.status} in ('pending', 'confirmed', 'shipped', 'delivered', 'rejected', 'cancelled')`,
    ),
    check("customer_order_total", sql`${table.totalMinor} between 0 and 1000000000000`),
  ],
);

/** Written with its order and never changed. No foreign keys here: each costs a look-up per row in the hottest transaction. */
export const orderLine = pgTable(
  "order_line",
  {
    orderId: uuid("order_id").notNull(),
    position: smallint("position").notNull(),
    sku: text("sku").notNull(),
    name: text("name").notNull(),
    quantity: integer("quantity").notNull(),
    unitPriceMinor: bigint("unit_price_minor", { mode: "number" }).notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.orderId, table.position] }),
    check("order_line_quantity", sql`${table.quantity} between 1 and 1000`),
  ],
);

/** Which answer a caller's key already has. The hash tells the same request from another one under the same key. */
export const idempotencyKey = pgTable(
  "idempotency_key",
  {
    callerId: text("caller_id").notNull(),
    key: uuid("key").notNull(),
    requestHash: text("request_hash").notNull(),
    orderId: uuid("order_id").notNull(),
    createdAt: instant("created_at").notNull().defaultNow(),
  },
  (table) => [
    primaryKey({ columns: [table.callerId, table.key] }),
    index("idempotency_key_created_at").on(table.createdAt),
  ],
);

/** Every step of an order's life: what it told, and what it was told. `version` is the order's after the step. */
export const timelineEntry = pgTable(
  "timeline_entry",
  {
    orderId: uuid("order_id").notNull(),
    sequence: bigint("sequence", { mode: "number" }).notNull().generatedAlwaysAsIdentity(),
    at: instant("at").notNull(),
    event: text("event").notNull(),
    eventId: uuid("event_id").notNull(),
    traceId: text("trace_id"),
    status: text("status").notNull(),
    version: integer("version").notNull(),
  },
  (table) => [primaryKey({ columns: [table.orderId, table.sequence] })],
);
