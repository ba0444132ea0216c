import { instant } from "@orderflow/common/database/instant";
import { sql } from "drizzle-orm";
import {
  bigint,
  boolean,
  check,
  customType,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
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

const tsvector = customType<{ data: string }>({ dataType: () => "tsvector" });

/** `search_words` is made by searchWords(), not by the database: its locale may know only ASCII letters. */
export const product = pgTable(
  "product",
  {
    sku: text("sku").primaryKey(),
    name: text("name").notNull(),
    description: text("description").notNull().default(""),
    unitPriceMinor: bigint("unit_price_minor", { mode: "number" }).notNull(),
    currency: text("currency").notNull(),
    isActive: boolean("is_active").notNull().default(true),
    version: integer("version").notNull().default(1),
    searchWords: tsvector("search_words").notNull().default(""),
    createdAt: instant("created_at").notNull().defaultNow(),
    updatedAt: instant("updated_at").notNull().defaultNow(),
  },
  (table) => [
    index("product_search_words").using("gin", table.searchWords),
    check("product_unit_price", sql`${table.unitPriceMinor} between 0 and 1000000000000`),
  ],
);

/** The hottest rows of the shop. No index but the key, so that an update stays on its page. */
export const stock = pgTable(
  "stock",
  {
    sku: text("sku")
      .notNull()
      .references(() => product.sku),
    location: text("location").notNull().default("main"),
    onHand: integer("on_hand").notNull(),
    reserved: integer("reserved").notNull().default(0),
  },
  (table) => [
    primaryKey({ columns: [table.sku, table.location] }),
    check("stock_reserved", sql`${table.reserved} >= 0 and ${table.onHand} >= ${table.reserved}`),
    check("stock_on_hand", sql`${table.onHand} <= 1000000000`),
  ],
);

/** No foreign keys from here on: each costs a look-up per row in the hottest transaction. */
export const reservation = pgTable(
  "reservation",
  {
    orderId: uuid("order_id").notNull(),
    sku: text("sku").notNull(),
    location: text("location").notNull().default("main"),
    quantity: integer("quantity").notNull(),
    status: text("status").notNull(),
    createdAt: instant("created_at").notNull(),
    updatedAt: instant("updated_at").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.orderId, table.sku, table.location] }),
    check("reservation_quantity", sql`${table.quantity} > 0`),
    check("reservation_status", sql`${table.status} in ('held', 'released', 'sold')`),
  ],
);

/** The ledger: only ever added to. Ids are drawn under the lock of the stock row, so they order what happened to a SKU. */
export const stockMovement = pgTable(
  "stock_movement",
  {
    sku: text("sku").notNull(),
    id: bigint("id", { mode: "number" }).notNull().generatedAlwaysAsIdentity(),
    location: text("location").notNull().default("main"),
    kind: text("kind").notNull(),
    onHandDelta: integer("on_hand_delta").notNull(),
    reservedDelta: integer("reserved_delta").notNull(),
    onHandAfter: integer("on_hand_after").notNull(),
    reservedAfter: integer("reserved_after").notNull(),
    orderId: uuid("order_id"),
    cause: text("cause").notNull(),
    reason: text("reason"),
    actor: text("actor"),
    at: instant("at").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.sku, table.id] }),
    check("stock_movement_kind", sql`${table.kind} in ('received', 'adjusted', 'reserved', 'released', 'sold')`),
  ],
);

/** The answer a caller's key already has. It is null only inside the transaction that takes the key. */
export const idempotencyKey = pgTable(
  "idempotency_key",
  {
    callerId: text("caller_id").notNull(),
    key: uuid("key").notNull(),
    requestHash: text("request_hash").notNull(),
    response: jsonb("response"),
    createdAt: instant("created_at").notNull().defaultNow(),
  },
  (table) => [
    primaryKey({ columns: [table.callerId, table.key] }),
    index("idempotency_key_created_at").on(table.createdAt),
  ],
);
