export type LimitBounds = { min: number; max: number; first: number };

/** How many requests may be under way at once, found from how long they take. */
export type AdaptiveLimit = {
  hasRoom(): boolean;
  begin(): void;
  end(): void;
  /** What one that is over took, at the instant `nowMs` of any steady clock. */
  took(ms: number, nowMs: number): void;
  /** The mean time, in ms, that the limit keeps to; 0 lifts it. */
  aimAt(targetMs: number): void;
  current(): number;
  underWay(): number;
};

const minWindowMs = 100;
const minSamples = 10;
const growth = 1.1;
/** Of one window: what was slow for a moment must not close the door. */
const leastShrinking = 0.5;
/** A limit that nobody reaches says nothing about what could be taken. */
const reachedShare = 0.9;
/** Of the target: calls this quick say that whatever closed the door is over. */
const calmShare = 0.5;

/**
 * By Little's law as many are under way as are answered in the time that one takes. So once a window the limit goes down
 * in the ratio of the target to the mean, or up by a tenth while it is reached. What it lost comes back while calls are quick,
 * or a burst would be refused long after the load has gone. A window lasts as long as one request, since a change shows no sooner.
 */
export function createAdaptiveLimit({ min, max, first }: LimitBounds, targetMs: number): AdaptiveLimit {
  let target = targetMs;
  let limit = first;
  let underWay = 0;
  let window = { endsAtMs: 0, count: 0, sumMs: 0, most: 0 };

  function adapt(nowMs: number): void {
    const meanMs = window.sumMs / window.count;
    if (meanMs > target) limit = Math.max(min, limit * Math.max(leastShrinking, target / meanMs));
    else if (window.most >= limit * reachedShare) limit = Math.min(max, limit * growth);
    else if (limit < first && meanMs < target * calmShare) limit = Math.min(first, limit * growth);
    window = { endsAtMs: nowMs + Math.max(minWindowMs, meanMs), count: 0, sumMs: 0, most: underWay };
  }

  return {
    hasRoom: () => target === 0 || underWay < Math.floor(limit),
    begin() {
      underWay++;
      window.most = Math.max(window.most, underWay);
    },
    end() {
      underWay--;
    },
    took(ms, nowMs) {
      window.count++;
      window.sumMs += ms;
      if (target > 0 && nowMs >= window.endsAtMs && window.count >= minSamples) adapt(nowMs);
    },
    aimAt(wanted) {
      target = wanted;
    },
    current: () => (target === 0 ? Number.POSITIVE_INFINITY : Math.floor(limit)),
    underWay: () => underWay,
  };
}
