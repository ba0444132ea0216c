import { createDocument } from "@orderflow/common/openapi/create-document";
import { settingsRouter } from "./router.ts";

/** The API as others read it. Its version's first number goes up with a change that breaks its clients. */
export const settingsDocument = createDocument({
  service: "settings",
  description: "What is set for each service while it runs, with its history. For operators.",
  version: "1.0.0",
  router: settingsRouter,
});
