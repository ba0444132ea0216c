import { expect, test } from "bun:test";
import { summaryLine } from "./run-tests.ts";

const report = (counts: string) => `<?xml version="1.0"?>\n<testsuites name="bun test" ${counts} time="0.1">`;

test.each([
  ['tests="6" assertions="9" failures="1" skipped="2"', 1, "3 passed, 1 failed, 2 skipped"],
  ['tests="6" assertions="9" failures="0" skipped="0"', 0, "6 passed, 0 failed"],
  ['tests="6" assertions="9" failures="0" skipped="0"', 1, "6 passed, 1 failed"],
])("%s with exit code %d: %s", (counts, exitCode, line) => {
  expect(summaryLine(report(counts), exitCode)).toBe(line);
});

test("a run that left no report has failed", () => {
  expect(summaryLine("", 139)).toBe("0 passed, 1 failed");
});
