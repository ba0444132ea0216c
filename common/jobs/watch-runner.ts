import type { WorkerEvents } from "graphile-worker";

export type RunnerWatch = {
  /** Call when PostgreSQL just answered. */
  reached(): void;
  /** Resolves once the runner has failed to fetch jobs for a while though PostgreSQL answers. */
  sick: Promise<void>;
};

/** Several of the intervals in which the runner asks for jobs. */
const patienceMs = 4_000;

/**
 * graphile-worker keeps the answer to its first question, the ids of its tasks, even when that was a lost connection:
 * such a runner looks alive and never runs a job again.
 */
export function watchRunner(events: WorkerEvents): RunnerWatch {
  const { promise: sick, resolve } = Promise.withResolvers<void>();
  let askingSince: number | undefined;
  events.on("localQueue:setMode", ({ newMode }) => {
    askingSince = newMode === "POLLING" ? performance.now() : undefined;
  });
  events.on("localQueue:getJobs:complete", () => {
    if (askingSince !== undefined) askingSince = performance.now();
  });
  return {
    reached() {
      if (askingSince !== undefined && performance.now() - askingSince > patienceMs) resolve();
    },
    sick,
  };
}
