import type { Door } from "@orderflow/common/service/door";
import { runService } from "@orderflow/common/service/run-service";
import { readOrderConfig } from "./config.ts";
import { createContext, type OrderContext } from "./context.ts";

/** Lives as this process, with these doors open. */
export async function runOrder(openDoors: (context: OrderContext) => Promise<Door[]>): Promise<void> {
  let context: OrderContext | undefined;
  await runService({
    open: async () => {
      context = await createContext(readOrderConfig());
      return openDoors(context);
    },
    closeLast: async () => context?.close(),
  });
}
