import { expect, test } from "bun:test";
import { parseFillOptions } from "./fill-options.ts";
import { measuresOf } from "./filling.ts";
import { parseGrowthOptions } from "./growth-options.ts";

test.each([
  [[], "--state names the folder"],
  [["--state", "x", "--orders", "99"], "--orders is a whole number from 100 to 5000000"],
  [["--state", "x", "--skus", "1000001"], "--skus is a whole number from 100 to 1000000"],
  [["--state", "x", "--days", "31"], "--days is a whole number from 1 to 30"],
  [["--state", "x", "--what"], "--what"],
])("filling with %p is refused: %p", (args, message) => {
  expect(() => parseFillOptions(args)).toThrow(message);
});

test.each([
  [[], "--grown names the state folder"],
  [["--grown", "x", "--rounds", "0"], "--rounds is a whole number from 1 to 20"],
  [["--grown", "x", "--reads", "9"], "--reads is a whole number from 10 to 10000"],
])("measuring with %p is refused: %p", (args, message) => {
  expect(() => parseGrowthOptions(args)).toThrow(message);
});

const filling = { skus: 100, days: 30, until: new Date("2026-11-22T00:00:00Z"), customerId: "c" };

test("a hundredth of the orders is open, the logs keep those of their days, and the last order is of today", () => {
  const measures = measuresOf({ ...filling, orders: 30_000, logDays: 10 });
  expect(measures).toMatchObject({ lastEnded: 29_700, lastPruned: 20_000, customers: 3_000 });
  const lastPlacedAt = measures.from.getTime() + (30_000 * 16 * measures.tickUs) / 1_000;
  expect(filling.until.getTime() - lastPlacedAt).toBeGreaterThan(0);
  expect(filling.until.getTime() - lastPlacedAt).toBeLessThan(120_000);
});

test("of a large shop a thousand orders are open, and nothing is pruned that is younger than the logs", () => {
  expect(measuresOf({ ...filling, orders: 1_000_000, logDays: 30 })).toMatchObject({
    ...{ lastEnded: 999_000, lastPruned: 0 },
  });
});
