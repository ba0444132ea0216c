export type RetryBudget = {
  /** Each call earns a part of a repeat. */
  earn(ratio: number): void;
  /** False when repeats have become too many: they would only add to what is wrong. */
  take(): boolean;
};

const maxSaved = 20;

/** A token bucket: an outage of a neighbour must not multiply the calls to it. */
export function createRetryBudget(): RetryBudget {
  let saved = maxSaved / 2;
  return {
    earn(ratio) {
      saved = Math.min(maxSaved, saved + ratio);
    },
    take() {
      if (saved < 1) return false;
      saved -= 1;
      return true;
    },
  };
}
