import { openHealthDoor } from "@orderflow/common/http/open-health-door";
import { unhurriedGatherMs } from "@orderflow/common/messaging/bounds";
import { createConsumer } from "@orderflow/common/messaging/consumer";
import { createLeaderships } from "@orderflow/common/messaging/leadership";
import { startPruning } from "@orderflow/common/retention/start-pruning";
import type { Door } from "@orderflow/common/service/door";
import type { OrderContext } from "./context.ts";
import { orderStreams } from "./handlers/router.ts";
import { orderPrunings } from "./repositories/prunings.ts";
import { runOrder } from "./run-order.ts";

/** What is listened to: inventory's answers about stock, and what becomes of the shipments. */
export async function openWorker(context: OrderContext): Promise<Door> {
  const { config, logger, neighbours, appliers, handling } = context;
  const streams = [
    { ...neighbours.inventoryStream, apply: appliers.inventory },
    { ...neighbours.workerStream, apply: appliers.worker, gatherMs: unhurriedGatherMs },
  ];
  const leaderships = createLeaderships({ ...config, logger });
  const consumers = streams.map((stream) => createConsumer({ ...context, leaderships, ...stream }));
  for (const consumer of consumers) consumer.start();
  const prunings = orderPrunings({ streams: orderStreams, config, now: handling.now });
  const pruner = startPruning({ ...context, prunings });
  return {
    name: "worker",
    async close() {
      await Promise.all([...consumers.map((consumer) => consumer.stop()), pruner.stop()]);
    },
  };
}

if (import.meta.main) await runOrder(async (context) => [await openWorker(context), await openHealthDoor(context)]);
