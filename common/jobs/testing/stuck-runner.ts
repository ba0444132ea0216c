import { createLogger } from "../../observability/logger.ts";
import { createMetrics } from "../../observability/metrics.ts";
import { startJobs } from "../start-jobs.ts";

const identity = { service: "worker", instance: "worker-1" };

/** A process that takes a job, says so, and never finishes it: for a test that kills it. */
await startJobs({
  databaseUrl: process.argv[2] ?? "",
  tasks: {
    deliver() {
      process.stdout.write("started\n");
      return new Promise(() => {});
    },
  },
  concurrency: 1,
  logger: createLogger({ ...identity, level: "silent" }),
  metrics: createMetrics(identity),
});
