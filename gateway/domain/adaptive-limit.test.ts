import { expect, test } from "bun:test";
import { type AdaptiveLimit, createAdaptiveLimit } from "./adaptive-limit.ts";

const bounds = { min: 50, max: 1_000, first: 200 };
const targetMs = 250;

/** A server that answers so many in a second, one after another, of whom each is followed by another at once. */
function saturate(limit: AdaptiveLimit, { perS, seconds }: { perS: number; seconds: number }): void {
  const begunAtMs: number[] = [];
  const from = clockMs;
  for (; clockMs < from + seconds * 1_000; clockMs += 1_000 / perS) {
    while (limit.hasRoom()) {
      limit.begin();
      begunAtMs.push(clockMs);
    }
    const begunMs = begunAtMs.shift();
    if (begunMs === undefined) continue;
    limit.end();
    limit.took(clockMs - begunMs, clockMs);
  }
  for (const _ of begunAtMs) limit.end();
}

let clockMs = 0;

test.each([
  [400, 100],
  [1_000, 250],
  [3_000, 750],
])("of %i a second some %i are under way, so that each takes the target", (perS, expected) => {
  const limit = createAdaptiveLimit(bounds, targetMs);
  saturate(limit, { perS, seconds: 20 });
  expect(limit.current()).toBeWithin(expected * 0.85, expected * 1.2);
});

test("it follows a server that becomes slower, and faster again", () => {
  const limit = createAdaptiveLimit(bounds, targetMs);
  for (const [perS, expected] of [
    [1_600, 400],
    [400, 100],
    [1_600, 400],
  ] as const) {
    saturate(limit, { perS, seconds: 15 });
    expect(limit.current()).toBeWithin(expected * 0.85, expected * 1.2);
  }
});

test("it keeps within its bounds", () => {
  const slow = createAdaptiveLimit(bounds, targetMs);
  saturate(slow, { perS: 20, seconds: 60 });
  expect(slow.current()).toBe(bounds.min);
  const fast = createAdaptiveLimit(bounds, targetMs);
  saturate(fast, { perS: 20_000, seconds: 20 });
  expect(fast.current()).toBe(bounds.max);
});

/** One call after another, for `seconds`. */
function trickle(limit: AdaptiveLimit, { ms, seconds }: { ms: number; seconds: number }): void {
  for (const until = clockMs + seconds * 1_000; clockMs < until; clockMs += ms) {
    limit.begin();
    limit.end();
    limit.took(ms, clockMs);
  }
}

test("one that is never reached stays as it is", () => {
  const limit = createAdaptiveLimit(bounds, targetMs);
  trickle(limit, { ms: 5, seconds: 10 });
  expect(limit.current()).toBe(bounds.first);
});

test("what it lost comes back within a second of quick calls, and not while calls are slow", () => {
  const limit = createAdaptiveLimit(bounds, targetMs);
  saturate(limit, { perS: 400, seconds: 20 });
  const lowered = limit.current();
  expect(lowered).toBeLessThan(120);
  trickle(limit, { ms: 200, seconds: 10 });
  expect(limit.current()).toBeLessThanOrEqual(lowered);
  trickle(limit, { ms: 5, seconds: 1 });
  expect(limit.current()).toBe(bounds.first);
});

test("a target of 0 lifts it, and a new one holds at once", () => {
  const limit = createAdaptiveLimit(bounds, 0);
  for (let n = 0; n < 5_000; n++) limit.begin();
  expect([limit.hasRoom(), limit.underWay()]).toEqual([true, 5_000]);
  limit.aimAt(targetMs);
  expect([limit.hasRoom(), limit.current()]).toEqual([false, bounds.first]);
});
