import { expect, test } from "bun:test";
import { overloadParts, parseOverloadOptions } from "./overload-options.ts";
import { areKept, showFigures, showOutcomes, verdict } from "./verdict.ts";

test("without options every part is run", () => {
  expect(parseOverloadOptions([])).toEqual({
    ...{ parts: [...overloadParts], seconds: 60, times: 4 },
    ...{ slowClients: 1_000, watchers: 10_000, events: 100_000 },
  });
});

test.each([
  [["--part", "flood"], "There is no part"],
  [["--seconds", "1"], "--seconds is a whole number from 5 to 300"],
  [["--watchers", "20000"], "--watchers is a whole number from 100 to 15000"],
  [["--slow"], "Unknown option"],
])("%p is refused", (args, message) => {
  expect(() => parseOverloadOptions(args)).toThrow(message);
});

test("a figure beyond its bound breaks the promise, and the run with it", () => {
  const kept = { part: "surge", verdicts: [verdict("refused within", 50, { atMost: 50, unit: " ms" })], figures: {} };
  const broken = { part: "surge", verdicts: [verdict("useful", 0.79, { atLeast: 0.8 })], figures: {} };
  expect(areKept([kept])).toBe(true);
  expect(areKept([kept, broken])).toBe(false);
  expect(showOutcomes([kept, broken])).toMatch(/refused within +50 ms +kept\n.*useful +0\.79 +BROKEN/);
});

test("figures are shown by name, without the lists", () => {
  const shown = showFigures({ peak: { ordersPerS: 949.059, seconds: [1, 2] }, connections: 647 });
  expect(shown.split("\n").map((line) => line.trim())).toEqual(["peak.ordersPerS  949.06", "connections      647"]);
});
