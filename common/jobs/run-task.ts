import type { Task as WorkerTask } from "graphile-worker";
import { z } from "zod";
import type { Trace } from "../messaging/event.ts";
import type { Logger } from "../observability/logger.ts";
import { serializeError } from "../observability/serialize-error.ts";
import { withSpan } from "../observability/tracing.ts";
import { traceField } from "./add-jobs.ts";
import type { JobMetrics } from "./job-metrics.ts";
import type { SpreadRetry } from "./spread-retry.ts";

export type JobRun = {
  id: string;
  /** 1 for the first. */
  attempt: number;
  maxAttempts: number;
  /** Aborted when the job's time is over or the process stops. */
  signal: AbortSignal;
};
export type Task = (payload: unknown, job: JobRun) => Promise<void>;

type Options = {
  name: string;
  task: Task;
  timeoutMs: number;
  logger: Logger;
  metrics: JobMetrics;
  spreadRetry: SpreadRetry;
};

const PayloadTrace = z.object({
  traceparent: z.string().optional().catch(undefined),
  correlationId: z.string().optional().catch(undefined),
  causationId: z.string().optional().catch(undefined),
});

/** What graphile-worker calls: the task inside a span that continues the trace its job was added in, timed, logged and bounded. */
export function runTask({ name, task, timeoutMs, logger, metrics, spreadRetry }: Options): WorkerTask {
  return async (payload, { job, abortSignal }) => {
    const signal = AbortSignal.any([AbortSignal.timeout(timeoutMs), ...(abortSignal ? [abortSignal] : [])]);
    const run: JobRun = { id: String(job.id), attempt: job.attempts, maxAttempts: job.max_attempts, signal };
    const { trace, body } = openPayload(payload);
    const attributes = { "job.id": run.id, "job.task": name, "job.attempt": run.attempt };
    await withSpan(`job ${name}`, { kind: "consumer", trace, attributes }, async () => {
      const fields = { jobId: run.id, task: name, attempt: run.attempt, maxAttempts: run.maxAttempts };
      const startedAt = performance.now();
      metrics.began();
      const tell = (outcome: "completed" | "failed" | "exhausted"): number => {
        const durationMs = performance.now() - startedAt;
        metrics.ran(name, outcome, durationMs / 1_000);
        return Math.round(durationMs);
      };
      try {
        await inTime(task(body, run), timeoutMs);
        logger.debug({ ...fields, durationMs: tell("completed") }, "Job completed");
      } catch (error) {
        const isLast = run.attempt >= run.maxAttempts;
        const durationMs = tell(isLast ? "exhausted" : "failed");
        if (isLast) logger.error({ ...fields, durationMs, err: error }, "Job failed for the last time");
        else logger.warn({ ...fields, durationMs, err: error }, "Job failed and will be tried again");
        if (!isLast) await spreadRetry(run.id);
        // What is thrown here is stored as the job's last error: a message, never SQL with its values.
        throw new Error(serializeError(error).message || "failed without a message");
      }
    });
  };
}

function openPayload(payload: unknown): { trace: Trace | undefined; body: unknown } {
  if (typeof payload !== "object" || payload === null || Array.isArray(payload))
    return { trace: undefined, body: payload };
  const { [traceField]: trace, ...body } = payload as Record<string, unknown>;
  return { trace: PayloadTrace.safeParse(trace).data, body };
}

async function inTime(work: Promise<void>, timeoutMs: number): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`The job took longer than ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    await Promise.race([work, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
