import type { Door } from "@orderflow/common/service/door";
import { runWithContext } from "@orderflow/common/service/run-with-context";
import { readOrderConfig } from "./config.ts";
import { createContext, type OrderContext } from "./context.ts";

/** Lives as this process, with these doors open. */
export function runOrder(openDoors: (context: OrderContext) => Promise<Door[]>): Promise<void> {
  return runWithContext(() => createContext(readOrderConfig()), openDoors);
}
