import { expect, test } from "bun:test";
import { formatLogLine } from "./log-line.ts";

test("a JSON line becomes readable", () => {
  const line = JSON.stringify({
    level: 30,
    time: 0,
    pid: 1,
    service: "order",
    msg: "order placed",
    number: "O-1",
    lines: 2,
  });
  expect(formatLogLine("order", line, "cyan")).toBe("order       00:00:00.000 info  order placed number=O-1 lines=2");
});

test("an error shows its stack", () => {
  const line = JSON.stringify({
    level: 50,
    time: 0,
    msg: "failed",
    err: { message: "no", stack: "Error: no\n  at x" },
  });
  expect(formatLogLine("order", line, "cyan")).toContain("failed\n  Error: no\n    at x");
});

test("a message that the stack leaves out is shown above it", () => {
  const line = JSON.stringify({ level: 50, time: 0, msg: "failed", err: { message: "no", stack: "  at x" } });
  expect(formatLogLine("order", line, "cyan")).toEndWith("failed\n  no\n    at x");
});

test.each(["plain text", "{ not json", '{"some":"json"}'])("%s stays as it is", (line) => {
  expect(formatLogLine("postgres", line, "blue")).toBe(`postgres    ${line}`);
});
