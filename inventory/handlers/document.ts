import { createDocument } from "@orderflow/common/openapi/create-document";
import { inventoryRouter } from "./router.ts";

/** The API as others read it. Its version's first number goes up with a change that breaks its clients. */
export const inventoryDocument = createDocument({
  service: "inventory",
  description: "Products, prices, stock and reservations.",
  version: "1.0.0",
  router: inventoryRouter,
});
