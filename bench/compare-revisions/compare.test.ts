import { expect, test } from "bun:test";
import type { Round } from "../system/place-round.ts";
import { parseCompareOptions } from "./compare-options.ts";
import { showComparison } from "./show-comparison.ts";

test("two revisions and their defaults", () => {
  expect(parseCompareOptions(["main", "HEAD~3", "--rounds", "5"])).toEqual({
    ...{ revisions: ["main", "HEAD~3"], scenario: "uniform", clients: 32, rounds: 5 },
    ...{ seconds: 10, warmUpSeconds: 5, seed: 1 },
  });
});

test.each([
  [["main"], "Two revisions are compared, not 1"],
  [["a", "b", "c"], "Two revisions are compared, not 3"],
  [["a", "b", "--rounds", "21"], '--rounds is a whole number from 1 to 20, not "21"'],
  [["a", "b", "--clients", "0"], '--clients is a whole number from 1 to 512, not "0"'],
  [["a", "b", "--scenario", "calm"], 'There is no scenario "calm"'],
  [["a", "b", "--nothing"], "--nothing"],
])("%p is refused with %p", (args, message) => {
  expect(() => parseCompareOptions(args)).toThrow(message);
});

const round = (ordersPerS: number, cpuMsPerOrder: number): Round => ({
  ...{ ordersPerS, cpuMsPerOrder, postgresMsPerOrder: 1, p50Ms: 10, p99Ms: 20, failed: 1 },
});

test("medians with the least and the most of each, and the ratio of the medians", () => {
  const first = { revision: "a", rounds: [round(100, 2), round(300, 4), round(110, 3)] };
  const second = { revision: "b", rounds: [round(210, 1.5), round(230, 1.5)] };
  const lines = showComparison([first, second])
    .split("\n")
    .map((line) => line.split(/ {2,}/));
  expect(lines).toEqual([
    ["revision", "rounds", "orders/s", "CPU ms/order", "p50 ms", "p99 ms", "failed"],
    ["a", "3", "110 (100–300)", "3.000 (2.000–4.000)", "10.0 (10.0–10.0)", "20.0 (20.0–20.0)", "3"],
    ["b", "2", "220 (210–230)", "1.500 (1.500–1.500)", "10.0 (10.0–10.0)", "20.0 (20.0–20.0)", "2"],
    ["second / first", "2.000", "0.500", "1.000", "1.000"],
  ]);
});
