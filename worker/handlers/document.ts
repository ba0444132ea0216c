import { createDocument } from "@orderflow/common/openapi/create-document";
import { workerRouter } from "./router.ts";

/** The API as others read it. Its version's first number goes up with a change that breaks its clients. */
export const workerDocument = createDocument({
  service: "worker",
  description: "Fulfils orders: shipments, and the jobs behind them.",
  version: "1.0.0",
  router: workerRouter,
});
