import { expect, test } from "bun:test";
import { summaryLine } from "./run-tests.ts";

test.each([
  [" 3 pass\n 1 skip\n 1 todo\n 1 fail\n 1 expect() calls\nRan 6 tests", 1, "3 passed, 1 failed, 2 skipped"],
  [" 6 pass\n 0 fail\n", 0, "6 passed, 0 failed"],
  ["\u001b[32m 6 pass\u001b[0m\n\u001b[2m 0 fail\u001b[0m\n", 0, "6 passed, 0 failed"],
  [" 6 pass\n 0 fail\n", 1, "6 passed, 1 failed"],
])("%j with exit code %d: %s", (output, exitCode, line) => {
  expect(summaryLine(output, exitCode)).toBe(line);
});

test("a run that crashed before it could count has failed", () => {
  expect(summaryLine("panic: main thread", 139)).toBe("0 passed, 1 failed");
});
