import type { WorkerEvents } from "graphile-worker";

export type RunnerWatch = {
  /** Call when PostgreSQL just answered. */
  reached(): void;
  /** Resolves once the runner has failed to fetch jobs for a while though PostgreSQL answers. */
  sick: Promise<void>;
};

const patienceMs = 2_000;

/**
 * graphile-worker keeps the answer to its first question, the ids of its tasks, even when that was a lost connection:
 * such a runner looks alive and never runs a job again.
 */
export function watchRunner(events: WorkerEvents): RunnerWatch {
  const { promise: sick, resolve } = Promise.withResolvers<void>();
  let failingSince: number | undefined;
  const isWell = () => {
    failingSince = undefined;
  };
  events.on("worker:getJob:error", () => {
    failingSince ??= performance.now();
  });
  events.on("worker:getJob:empty", isWell);
  events.on("job:start", isWell);
  return {
    reached() {
      if (failingSince !== undefined && performance.now() - failingSince > patienceMs) resolve();
    },
    sick,
  };
}
