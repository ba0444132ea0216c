import { runWithContext } from "@orderflow/common/service/run-with-context";
import { openApi } from "./api.ts";
import { readNotifyConfig } from "./config.ts";
import { createContext } from "./context.ts";
import { openWorker } from "./worker.ts";

await runWithContext(
  () => createContext(readNotifyConfig()),
  async (context) => [await openApi(context), await openWorker(context)],
);
