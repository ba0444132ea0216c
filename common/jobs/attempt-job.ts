import { z } from "zod";
import type { Trace } from "../messaging/event.ts";
import type { Logger } from "../observability/logger.ts";
import { serializeError } from "../observability/serialize-error.ts";
import { withSpan } from "../observability/tracing.ts";
import { traceField } from "./add-jobs.ts";
import type { JobMetrics } from "./job-metrics.ts";
import type { Turns } from "./take-turns.ts";

export type JobRun = {
  id: string;
  /** 1 for the first. */
  attempt: number;
  maxAttempts: number;
  /** Aborted when the job's time is over or the process stops. */
  signal: AbortSignal;
};
export type Task = (payload: unknown, job: JobRun) => Promise<void>;

type Attempted = Omit<JobRun, "signal">;

/** One attempt to run a job. What it rejects with is fit to be stored as the job's last error. */
export type Attempt = (payload: unknown, job: Attempted) => Promise<void>;

/** The process stops, and the turn of the job had not come. */
export class NotBegun extends Error {
  override readonly name = "NotBegun";
}

type Options = {
  name: string;
  task: Task;
  timeoutMs: number;
  logger: Logger;
  metrics: JobMetrics;
  turns: Turns;
  /** Aborted when no more may begin, as the process stops or the runner no longer holds its jobs. */
  stop: AbortSignal;
};

const PayloadTrace = z.object({
  traceparent: z.string().optional().catch(undefined),
  correlationId: z.string().optional().catch(undefined),
  causationId: z.string().optional().catch(undefined),
});

/** A task in its turn, inside a span that continues the trace its job was added in, timed, logged and bounded. */
export function createAttempt({ name, task, timeoutMs, logger, metrics, turns, stop }: Options): Attempt {
  const run = async (body: unknown, job: Attempted): Promise<void> => {
    const fields = { jobId: job.id, task: name, attempt: job.attempt, maxAttempts: job.maxAttempts };
    const startedAt = performance.now();
    metrics.began();
    const tell = (outcome: "completed" | "failed" | "exhausted"): number => {
      const durationMs = performance.now() - startedAt;
      metrics.ran(name, outcome, durationMs / 1_000);
      return Math.round(durationMs);
    };
    try {
      await inTime(task(body, withSignal(job, startedAt + timeoutMs, stop)), timeoutMs);
      logger.debug({ ...fields, durationMs: tell("completed") }, "Job completed");
    } catch (error) {
      const isLast = job.attempt >= job.maxAttempts;
      const durationMs = tell(isLast ? "exhausted" : "failed");
      if (isLast) logger.error({ ...fields, durationMs, err: error }, "Job failed for the last time");
      else logger.warn({ ...fields, durationMs, err: error }, "Job failed and will be tried again");
      // A message, never SQL with its values.
      throw new Error(serializeError(error).message || "failed without a message");
    }
  };
  return (payload, job) =>
    turns.take(async () => {
      if (stop.aborted) throw new NotBegun("The process stopped before the job began");
      const { trace, body } = openPayload(payload);
      const attributes = { "job.id": job.id, "job.task": name, "job.attempt": job.attempt };
      return withSpan(`job ${name}`, { kind: "consumer", trace, attributes }, () => run(body, job));
    });
}

/** Most jobs never look at their signal, which takes a timer to make. */
function withSignal(job: Attempted, endsAt: number, stop: AbortSignal): JobRun {
  let signal: AbortSignal | undefined;
  return {
    ...job,
    get signal() {
      signal ??= AbortSignal.any([AbortSignal.timeout(Math.max(Math.ceil(endsAt - performance.now()), 0)), stop]);
      return signal;
    },
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
