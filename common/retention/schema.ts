import { pgTable, text, timestamp } from "drizzle-orm/pg-core";

/** Since when a thing is kept whole: what is older may have been pruned. No row: nothing ever was. */
export const retention = pgTable("retention", {
  what: text("what").primaryKey(),
  keptSince: timestamp("kept_since", { withTimezone: true, mode: "date" }).notNull(),
});
