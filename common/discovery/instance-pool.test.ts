import { beforeEach, expect, test } from "bun:test";
import type { Known } from "./directory.ts";
import { createInstancePool, type Instance } from "./instance-pool.ts";

let nowMs = 0;
let live: Known[] = [];
beforeEach(() => {
  nowMs = 0;
  live = [];
});

const known = (instance: string, load = 0): Known => ({
  instance,
  url: `http://${instance}`,
  startedAt: "now",
  load,
  forgetAtMs: 0,
});
const aPool = (urls = ["http://configured/"]) => createInstancePool({ urls, live: () => live, nowMs: () => nowMs });
const nobody: ReadonlySet<Instance> = new Set();
const chosen = (pool: ReturnType<typeof aPool>) =>
  new Set(Array.from({ length: 100 }, () => pool.choose(nobody)?.url ?? ""));
function choose(pool: ReturnType<typeof aPool>): Instance {
  const instance = pool.choose(nobody);
  if (!instance) throw new Error("nobody was chosen");
  return instance;
}

test("configured URLs are asked while nothing is announced, and no longer", () => {
  const pool = aPool();
  expect([...chosen(pool)]).toEqual(["http://configured"]);
  live = [known("a"), known("b")];
  expect([...chosen(pool)].sort()).toEqual(["http://a", "http://b"]);
  live = [];
  expect([...chosen(pool)]).toEqual(["http://configured"]);
});

test("of two the one with fewer calls under way is asked", () => {
  live = [known("a"), known("b")];
  const pool = aPool();
  choose(pool).inFlight = 5;
  expect(chosen(pool).size).toBe(1);
});

test("an instance that announces that it is busy is asked less than an idle one", () => {
  live = [known("busy", 1_000_000), known("idle")];
  expect([...chosen(aPool())]).toEqual(["http://idle"]);
});

test("one that failed rests at once, for longer each time, and comes back with a success", () => {
  live = [known("a"), known("b")];
  const pool = aPool();
  const failing = choose(pool);
  for (const restMs of [1_000, 2_000, 4_000, 8_000, 8_000]) {
    pool.failed(failing);
    nowMs += restMs - 1;
    expect(chosen(pool)).not.toContain(failing.url);
    nowMs += 1;
    expect(chosen(pool)).toContain(failing.url);
  }
  pool.succeeded(failing);
  pool.failed(failing);
  nowMs += 1_000;
  expect(chosen(pool)).toContain(failing.url);
});

test("when all rest, the configured come first, then whoever rests the shortest", () => {
  live = [known("a"), known("b")];
  const pool = aPool();
  const first = choose(pool);
  pool.failed(first);
  const second = choose(pool);
  pool.failed(second);
  pool.failed(second);
  const configured = choose(pool);
  expect(configured.url).toBe("http://configured");
  expect(pool.choose(new Set([configured]))?.url).toBe(first.url);
  expect(pool.choose(new Set([configured, first]))?.url).toBe(second.url);
  expect(pool.choose(new Set([configured, first, second]))).toBeUndefined();
});

test("a process that was started again is not held to what the one before it did", () => {
  live = [known("a")];
  const pool = aPool([]);
  pool.failed(choose(pool));
  live = [{ ...known("a"), startedAt: "later" }];
  expect(choose(pool).failures).toBe(0);
});
