import { pgTable, text } from "drizzle-orm/pg-core";
import { instant } from "../database/instant.ts";

/** Since when a thing is kept whole: what is older may have been pruned. No row: nothing ever was. */
export const retention = pgTable("retention", {
  what: text("what").primaryKey(),
  keptSince: instant("kept_since").notNull(),
});
