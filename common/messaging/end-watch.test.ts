import { beforeEach, describe, expect, test } from "bun:test";
import type { HeardHead } from "../discovery/heard-heads.ts";
import { newId } from "../ids.ts";
import { createEndWatch } from "./end-watch.ts";

const logId = newId();
const ids = [null, ...Array.from({ length: 9 }, newId)];
const at = (position: number) => ({ position, eventId: ids[position] ?? null, logId: position === 0 ? null : logId });

let nowMs: number;
let head: HeardHead | undefined;
let isAway: boolean;
let connectedAtMs: number;
const hear = (position: number, other: Partial<HeardHead> = {}) => {
  head = { position, id: ids[position] ?? null, logId, heardAtMs: nowMs, ...other };
};
const aWatch = () =>
  createEndWatch({
    told: () => head,
    isBrokerAway: () => isAway,
    connectedAtMs: () => connectedAtMs,
    nowMs: () => nowMs,
  });

beforeEach(() => {
  nowMs = 10_000;
  head = undefined;
  isAway = false;
  connectedAtMs = Number.NEGATIVE_INFINITY;
});

test("the producer is asked at once, and then every second while nobody tells", () => {
  const watch = aWatch();
  expect(watch.dueInMs(at(3))).toBeLessThanOrEqual(0);
  watch.asks();
  expect(watch.dueInMs(at(3))).toBe(1_000);
  nowMs += 1_000;
  expect(watch.dueInMs(at(3))).toBe(0);
});

test("it is asked four times a second while the broker is away, whatever was told before", () => {
  const watch = aWatch();
  watch.asks();
  hear(3);
  isAway = true;
  expect(watch.dueInMs(at(3))).toBe(250);
});

describe("told that the stream ends at the cursor", () => {
  test("it waits until that is old", () => {
    const watch = aWatch();
    watch.asks();
    nowMs += 900;
    hear(3);
    expect(watch.dueInMs(at(3))).toBe(2_500);
    expect(watch.isBehind(at(3))).toBe(false);
    nowMs += 2_500;
    expect(watch.dueInMs(at(3))).toBe(0);
  });

  test("before the first event, too", () => {
    const watch = aWatch();
    watch.asks();
    nowMs += 1;
    hear(0);
    expect(watch.dueInMs(at(0))).toBe(2_500);
    expect(watch.isBehind(at(0))).toBe(false);
  });

  test("it asks every ten seconds all the same", () => {
    const watch = aWatch();
    watch.asks();
    nowMs += 9_900;
    hear(3);
    expect(watch.dueInMs(at(3))).toBe(100);
  });

  test("it asks as often as ever until it has asked once since the broker came back", () => {
    const watch = aWatch();
    watch.asks();
    nowMs += 100;
    connectedAtMs = nowMs;
    nowMs += 100;
    hear(3);
    expect(watch.dueInMs(at(3))).toBe(800);
    nowMs += 800;
    watch.asks();
    hear(3);
    expect(watch.dueInMs(at(3))).toBe(2_500);
  });
});

describe("told of another end", () => {
  test.each([
    ["further on", () => hear(4)],
    ["at the same place of another log", () => hear(3, { logId: newId() })],
    ["at the same place with another event", () => hear(3, { id: newId() })],
  ])("%s, it is behind until it has asked", (_, hearIt) => {
    const watch = aWatch();
    watch.asks();
    nowMs += 1;
    hearIt();
    expect(watch.isBehind(at(3))).toBe(true);
    nowMs += 1;
    watch.asks();
    expect(watch.isBehind(at(3))).toBe(false);
    expect(watch.dueInMs(at(3))).toBe(1_000);
  });

  test("that it has passed, it asks as often as when nobody tells: the news is old, or the history was rewound", () => {
    const watch = aWatch();
    watch.asks();
    nowMs += 1;
    hear(2);
    expect(watch.isBehind(at(3))).toBe(false);
    expect(watch.dueInMs(at(3))).toBe(999);
  });
});
