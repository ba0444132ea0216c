import { createDocument } from "@orderflow/common/openapi/create-document";
import { notifyRouter } from "./router.ts";

/** The API as others read it. Its version's first number goes up with a change that breaks its clients. */
export const notifyDocument = createDocument({
  service: "notify",
  description: "Tells people: what was sent to whom, and what became of it.",
  version: "1.0.0",
  router: notifyRouter,
});
