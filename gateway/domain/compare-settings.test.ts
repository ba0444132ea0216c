import { expect, test } from "bun:test";
import { compareSettings } from "./compare-settings.ts";

test("what was set, changed and taken away is told by name, and nothing else", () => {
  const before = { logLevel: "info", calls: { inventory: { timeoutMs: 500, maxAttempts: 2 } }, jobConcurrency: 0 };
  const after = { calls: { inventory: { timeoutMs: 900, maxAttempts: 2 } }, jobConcurrency: 0, traceSampleRatio: 0 };
  expect(compareSettings(before, after)).toEqual([
    { name: "calls.inventory.timeoutMs", before: 500, after: 900 },
    { name: "logLevel", before: "info", after: null },
    { name: "traceSampleRatio", before: null, after: 0 },
  ]);
  expect(compareSettings(after, after)).toEqual([]);
});
