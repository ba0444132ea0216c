import { openApi } from "./api.ts";
import { runOrder } from "./run-order.ts";
import { openWorker } from "./worker.ts";

if (import.meta.main) await runOrder(async (context) => [await openApi(context), await openWorker(context)]);
