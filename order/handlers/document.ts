import { createDocument } from "@orderflow/common/openapi/create-document";
import { orderRouter } from "./router.ts";

/** The API as others read it. Its version's first number goes up with a change that breaks its clients. */
export const orderDocument = createDocument({
  service: "order",
  description: "Takes orders, and follows them from placed to delivered.",
  version: "1.0.0",
  router: orderRouter,
});
