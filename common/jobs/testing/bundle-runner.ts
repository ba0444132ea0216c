import { createLogger } from "../../observability/logger.ts";
import { createMetrics } from "../../observability/metrics.ts";
import { startJobs } from "../start-jobs.ts";

const identity = { service: "worker", instance: "worker-1" };
const stuck = 20;

/** A process that says which job it has done, and never ends the job with this number: for a test that kills it. */
await startJobs({
  databaseUrl: process.argv[2] ?? "",
  tasks: {
    async mail(payload) {
      const { n } = payload as { n: number };
      if (n === stuck) await new Promise(() => {});
      process.stdout.write(`${n}\n`);
    },
  },
  concurrency: 4,
  logger: createLogger({ ...identity, level: "silent" }),
  metrics: createMetrics(identity),
});
