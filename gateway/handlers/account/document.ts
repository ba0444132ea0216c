import { createDocument } from "@orderflow/common/openapi/create-document";
import { accountRouter } from "./router.ts";

/** The API as others read it. Its version's first number goes up with a change that breaks its clients. */
export const accountDocument = createDocument({
  service: "account",
  description: "Who you are, where you are signed in, and your API keys.",
  version: "1.0.0",
  router: accountRouter,
});
