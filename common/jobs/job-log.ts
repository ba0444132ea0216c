import { Logger as WorkerLogger } from "graphile-worker";
import type { Logger } from "../observability/logger.ts";

/** graphile-worker's own lines in our log. A job's payload, which is in their details, is left out. */
export function workerLogger(logger: Logger): WorkerLogger {
  return new WorkerLogger(() => (level, message, details) => {
    const isOfOneJob = details?.failure === true || details?.success === true;
    // The outcome of a job is told by runTask, with its trace.
    if (isOfOneJob) return;
    const error: unknown = details?.error ?? details?.fatalError;
    const fields = error ? { err: error } : {};
    const text = message.split("\n", 1)[0] ?? message;
    if (level === "error") logger.warn(fields, text);
    else if (level === "warning" && !text.startsWith("WARNING: having maxPoolSize")) logger.warn(fields, text);
    else logger.trace(fields, text);
  });
}
