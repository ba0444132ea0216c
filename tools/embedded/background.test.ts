import { expect, test } from "bun:test";
import { getPriority } from "node:os";
import { inBackground, yieldSession } from "./background.ts";

test("what runs in the background yields to what does not", async () => {
  const child = Bun.spawn(inBackground(["cat"]), { stdin: "pipe", stdout: "pipe" });
  child.stdin.write("started\n");
  await child.stdout.getReader().read();
  expect(getPriority(child.pid) - getPriority()).toBe(5);
  child.stdin.end();
  await child.exited;
});

test("a process that has ended has no session to yield", () => {
  expect(() => yieldSession(2 ** 22 + 1)).not.toThrow();
});
