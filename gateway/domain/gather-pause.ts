const shareOfTime = 1 / 3;
const maxPauseMs = 15;

/**
 * How long after a request that took `calls` along the next one leaves, in milliseconds. Whoever was answered may well ask again at
 * once, and a crowd that goes together costs less than the moment it waits. Nobody waits where calls come one by one.
 */
export function gatherPause({ calls, tookMs }: { calls: number; tookMs: number }): number {
  return calls > 1 ? Math.min(tookMs * shareOfTime, maxPauseMs) : 0;
}
