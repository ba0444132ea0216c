import { openHealthDoor } from "@orderflow/common/http/open-health-door";
import { createConsumer } from "@orderflow/common/messaging/consumer";
import type { Door } from "@orderflow/common/service/door";
import type { OrderContext } from "./context.ts";
import { runOrder } from "./run-order.ts";

/** What is listened to: inventory's answers about stock, and what becomes of the shipments. */
export async function openWorker(context: OrderContext): Promise<Door> {
  const { config, neighbours, appliers } = context;
  const streams = [
    { stream: "inventory", readPage: neighbours.readInventory, apply: appliers.inventory },
    { stream: "worker", readPage: neighbours.readWorker, apply: appliers.worker },
  ];
  const consumers = streams.map((stream) => createConsumer({ ...context, databaseUrl: config.databaseUrl, ...stream }));
  for (const consumer of consumers) consumer.start();
  return {
    name: "worker",
    async close() {
      await Promise.all(consumers.map((consumer) => consumer.stop()));
    },
  };
}

if (import.meta.main) await runOrder(async (context) => [await openWorker(context), await openHealthDoor(context)]);
