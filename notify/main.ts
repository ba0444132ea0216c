import { runService } from "@orderflow/common/service/run-service";
import { openApi } from "./api.ts";
import { readNotifyConfig } from "./config.ts";
import { createContext, type NotifyContext } from "./context.ts";
import { openWorker } from "./worker.ts";

let context: NotifyContext | undefined;
await runService({
  open: async () => {
    context = await createContext(readNotifyConfig());
    return [await openApi(context), await openWorker(context)];
  },
  closeLast: async () => context?.close(),
});
