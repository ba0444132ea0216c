import { processLogger } from "../observability/logger.ts";

/** What a supervisor sees when a process left because it could no longer vouch for itself (EX_SOFTWARE). */
export const faultExitCode = 70;

/** A deadline is over when the process saw so many parts of it pass. */
const parts = 10;

export type Deadline = {
  /** Named in the fatal line. */
  name: string;
  ms?: number | undefined;
  /** Replaces `process.exit`: for tests. */
  exit?: ((code: number) => void) | undefined;
};

/**
 * Past the deadline (10 s unless told) the process writes a fatal line and exits with 70. A driver can lose a
 * query for ever when its socket dies: rather no process than a hung one. Time for which the process itself stood still, frozen or
 * busy, counts as one part at most: the answer may be there and unread.
 */
export async function withDeadline<T>(
  work: Promise<T>,
  { name, ms = 10_000, exit = process.exit }: Deadline,
): Promise<T> {
  let passed = 0;
  const timer = setInterval(() => {
    passed++;
    if (passed !== parts) return;
    processLogger().fatal(
      { deadlineMs: ms },
      `${name} passed its deadline; leaving, so that a supervisor restarts this process`,
    );
    exit(faultExitCode);
  }, ms / parts);
  try {
    return await work;
  } finally {
    clearInterval(timer);
  }
}
