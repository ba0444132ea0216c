import { inTime } from "../authentication/in-time.ts";
import type { SharedStore } from "./rate-limits.ts";

const answersWithinMs = 250;
const looksEveryMs = 1_000;

/**
 * `store`, which holds nobody up: what it does not answer in 250 ms is rejected, and what follows at once, but for one statement a
 * second that looks whether it answers again. More of them would take all connections while they hang.
 */
export function impatientStore(store: SharedStore): SharedStore {
  let isSilent = false;
  let looksAtMs = 0;
  return {
    async query(statement) {
      const nowMs = performance.now();
      if (isSilent && nowMs < looksAtMs) throw new Error("The counters do not answer");
      looksAtMs = nowMs + looksEveryMs;
      try {
        const answer = await inTime(store.query(statement), answersWithinMs);
        isSilent = false;
        return answer;
      } catch (error) {
        isSilent = true;
        throw error;
      }
    },
  };
}
