import { expect, test } from "bun:test";
import { getPriority } from "node:os";
import { favourSession, inBackground, yieldSession } from "./background.ts";

test("what runs in the background yields to what does not", async () => {
  const child = Bun.spawn(inBackground(["cat"]), { stdin: "pipe", stdout: "pipe" });
  child.stdin.write("started\n");
  await child.stdout.getReader().read();
  expect(getPriority(child.pid) - getPriority()).toBe(5);
  child.stdin.end();
  await child.exited;
});

test.skipIf(process.getuid?.() !== 0)("what is favoured goes before what is not, where that may be said", () => {
  const child = Bun.spawn(["cat"], { stdin: "pipe", detached: true });
  favourSession(child.pid);
  expect(getPriority(child.pid)).toBe(-5);
  child.kill("SIGKILL");
});

test.each([yieldSession, favourSession])("a process that has ended has no session to change", (change) => {
  expect(() => change(2 ** 22 + 1)).not.toThrow();
});
