import { deadLetterRouter } from "@orderflow/common/messaging/dead-letters/dead-letter-router";
import { createEventsRouter } from "@orderflow/common/messaging/events-router";
import type { SQL } from "bun";
import { adjust } from "./adjust.ts";
import { audit } from "./audit.ts";
import { availability } from "./availability.ts";
import { bySku } from "./by-sku.ts";
import { createProduct } from "./create-product.ts";
import { movements } from "./movements.ts";
import { quote } from "./quote.ts";
import { search } from "./search.ts";
import { router } from "./trpc.ts";
import { updateProduct } from "./update-product.ts";

/** What the gateway's callers may ask. */
export const inventoryRouter = router({
  search,
  bySku,
  availability,
  createProduct,
  updateProduct,
  adjust,
  movements,
  audit,
  deadLetters: deadLetterRouter,
});
export type InventoryRouter = typeof inventoryRouter;

/** What the other services may ask. */
export function createInventoryInternalRouter(sql: SQL) {
  return router({ quote, events: createEventsRouter(sql, ["inventory"]) });
}
export type InventoryInternalRouter = ReturnType<typeof createInventoryInternalRouter>;
