import { openHealthDoor } from "@orderflow/common/http/open-health-door";
import { startJobs } from "@orderflow/common/jobs/start-jobs";
import { eventPrunings, keyPruning } from "@orderflow/common/retention/prunings";
import { startPruning } from "@orderflow/common/retention/start-pruning";
import type { Door } from "@orderflow/common/service/door";
import { runWithContext } from "@orderflow/common/service/run-with-context";
import { readWorkerConfig } from "./config.ts";
import { createContext, type WorkerContext } from "./context.ts";
import { createConsumers } from "./handlers/consumers.ts";
import { tasks } from "./handlers/tasks.ts";

/** The door that is told: commands, events, jobs and schedules. */
export async function openWorker(context: WorkerContext): Promise<Door> {
  const { config, settings, logger, metrics, now } = context;
  const delays = { dispatchDelayMs: config.carrierDispatchDelayMs, deliveryDelayMs: config.carrierDeliveryDelayMs };
  const consumers = createConsumers(context);
  for (const consumer of consumers) consumer.start();
  const retained = { streams: ["worker"], config, now };
  const pruner = startPruning({ ...context, prunings: [...eventPrunings(retained), keyPruning(retained)] });
  const jobs = await startJobs({
    databaseUrl: config.databaseUrl,
    concurrency: config.jobConcurrency,
    tasks: tasks({
      ...context,
      get dispatchDelayMs() {
        return delays.dispatchDelayMs;
      },
      get deliveryDelayMs() {
        return delays.deliveryDelayMs;
      },
    }),
    logger,
    metrics,
  });
  settings.onApply(({ jobConcurrency, carrierDispatchDelayMs, carrierDeliveryDelayMs }) => {
    jobs.setConcurrency(jobConcurrency ?? config.jobConcurrency);
    delays.dispatchDelayMs = carrierDispatchDelayMs ?? config.carrierDispatchDelayMs;
    delays.deliveryDelayMs = carrierDeliveryDelayMs ?? config.carrierDeliveryDelayMs;
  });
  return {
    name: "worker",
    async close() {
      await Promise.all([...consumers.map((consumer) => consumer.stop()), pruner.stop()]);
      await jobs.stop();
    },
  };
}

if (import.meta.main)
  await runWithContext(
    () => createContext(readWorkerConfig()),
    async (context) => [await openWorker(context), await openHealthDoor(context)],
  );
