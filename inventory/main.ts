import { runService } from "@orderflow/common/service/run-service";
import { openApi } from "./api.ts";
import { readInventoryConfig } from "./config.ts";
import { type Context, createContext } from "./context.ts";
import { openWorker } from "./worker.ts";

let context: Context | undefined;
await runService({
  open: async () => {
    context = await createContext(readInventoryConfig());
    return [await openApi(context), await openWorker(context)];
  },
  closeLast: async () => context?.close(),
});
