import { openHealthDoor } from "@orderflow/common/http/open-health-door";
import { startJobs } from "@orderflow/common/jobs/start-jobs";
import { keyPruning } from "@orderflow/common/retention/prunings";
import { startPruning } from "@orderflow/common/retention/start-pruning";
import type { Door } from "@orderflow/common/service/door";
import { runWithContext } from "@orderflow/common/service/run-with-context";
import { readNotifyConfig } from "./config.ts";
import { createContext, type NotifyContext } from "./context.ts";
import { createConsumers } from "./handlers/consumers.ts";
import { tasks } from "./handlers/tasks.ts";
import { deliveryPrunings } from "./repositories/prune-deliveries.ts";

/** The door that is told: events, jobs and schedules. */
export async function openWorker(context: NotifyContext): Promise<Door> {
  const { config, settings, logger, metrics, now } = context;
  const consumers = createConsumers(context);
  for (const consumer of consumers) consumer.start();
  const retained = { config, now };
  const pruner = startPruning({ ...context, prunings: [keyPruning(retained), ...deliveryPrunings(retained)] });
  const jobs = await startJobs({
    databaseUrl: config.databaseUrl,
    concurrency: config.jobConcurrency,
    tasks: tasks(context),
    logger,
    metrics,
  });
  settings.onApply(({ jobConcurrency }) => jobs.setConcurrency(jobConcurrency ?? config.jobConcurrency));
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
    () => createContext(readNotifyConfig()),
    async (context) => [await openWorker(context), await openHealthDoor(context)],
  );
