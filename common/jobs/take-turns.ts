export type Turns = {
  /** Runs `work` when fewer than `atOnce` others run, first come, first served. */
  take<T>(work: () => Promise<T>): Promise<T>;
  /** From the next turn on. */
  change(atOnce: number): void;
};

/** Bounds how much runs at once. */
export function takeTurns(atOnce: number): Turns {
  let limit = atOnce;
  let running = 0;
  let waiting: (() => void)[] = [];
  const next = (): void => {
    const called = waiting.slice(0, Math.max(limit - running, 0));
    waiting = waiting.slice(called.length);
    running += called.length;
    for (const begin of called) begin();
  };
  return {
    async take(work) {
      if (running < limit && waiting.length === 0) running++;
      else await new Promise<void>((resolve) => waiting.push(resolve));
      try {
        return await work();
      } finally {
        running--;
        next();
      }
    },
    change(wanted) {
      limit = wanted;
      next();
    },
  };
}
