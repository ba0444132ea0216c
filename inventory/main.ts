import { runWithContext } from "@orderflow/common/service/run-with-context";
import { openApi } from "./api.ts";
import { readInventoryConfig } from "./config.ts";
import { createContext } from "./context.ts";
import { openWorker } from "./worker.ts";

await runWithContext(
  () => createContext(readInventoryConfig()),
  async (context) => [await openApi(context), await openWorker(context)],
);
