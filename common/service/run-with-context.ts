import type { Door } from "./door.ts";
import { runService } from "./run-service.ts";

type Context = { close(): Promise<void> };

/** Lives as the process of a service: makes what its doors use, opens them, and closes it after them. */
export async function runWithContext<C extends Context>(
  make: () => Promise<C>,
  openDoors: (context: C) => Promise<Door[]>,
): Promise<void> {
  let context: C | undefined;
  await runService({
    open: async () => {
      context = await make();
      return openDoors(context);
    },
    closeLast: async () => context?.close(),
  });
}
