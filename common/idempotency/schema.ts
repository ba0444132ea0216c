import { index, jsonb, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { instant } from "../database/instant.ts";

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
