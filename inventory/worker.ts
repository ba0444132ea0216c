import { openHealthDoor } from "@orderflow/common/http/open-health-door";
import { unhurriedGatherMs } from "@orderflow/common/messaging/bounds";
import { createConsumer } from "@orderflow/common/messaging/consumer";
import { createLeaderships } from "@orderflow/common/messaging/leadership";
import { remoteStream } from "@orderflow/common/messaging/remote-stream";
import { eventPrunings, keyPruning } from "@orderflow/common/retention/prunings";
import { startPruning } from "@orderflow/common/retention/start-pruning";
import type { Door } from "@orderflow/common/service/door";
import { runWithContext } from "@orderflow/common/service/run-with-context";
import { readInventoryConfig } from "./config.ts";
import { type Context, createContext } from "./context.ts";

/** The door for what is told: orders and shipments. */
export async function openWorker(context: Context): Promise<Door> {
  const { config, sql, broker, peers, publisher, logger, metrics, signer, appliers, now } = context;
  const told = { sql, leaderships: createLeaderships({ ...config, logger }), broker, publisher, logger, metrics };
  const remote = { reader: config.service, peers, signer };
  const consumers = [
    createConsumer({
      ...told,
      ...remoteStream({ ...remote, stream: "order", producer: "order" }),
      apply: appliers.order,
    }),
    createConsumer({
      ...told,
      ...remoteStream({ ...remote, stream: "worker", producer: "worker" }),
      apply: appliers.worker,
      gatherMs: unhurriedGatherMs,
    }),
  ];
  for (const consumer of consumers) consumer.start();
  const retained = { streams: ["inventory"], config, now };
  const pruner = startPruning({ ...told, config, prunings: [...eventPrunings(retained), keyPruning(retained)] });
  return {
    name: "worker",
    async close() {
      await Promise.all([...consumers.map((consumer) => consumer.stop()), pruner.stop()]);
    },
  };
}

if (import.meta.main)
  await runWithContext(
    () => createContext(readInventoryConfig()),
    async (context) => [await openWorker(context), await openHealthDoor(context)],
  );
