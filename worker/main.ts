import { runService } from "@orderflow/common/service/run-service";
import { openApi } from "./api.ts";
import { readWorkerConfig } from "./config.ts";
import { createContext, type WorkerContext } from "./context.ts";
import { openWorker } from "./worker.ts";

let context: WorkerContext | undefined;
await runService({
  open: async () => {
    context = await createContext(readWorkerConfig());
    return [await openApi(context), await openWorker(context)];
  },
  closeLast: async () => context?.close(),
});
