import { expect, test } from "bun:test";
import { eventually } from "./eventually.ts";

test("it asks until the answer is truthy", async () => {
  let asked = 0;
  expect(await eventually(() => ++asked > 2 && asked, { intervalMs: 1 })).toBe(3);
});

test("it asks until nothing is thrown", async () => {
  let asked = 0;
  await eventually(() => expect(++asked).toBe(3), { intervalMs: 1 });
  expect(asked).toBe(3);
});

test("past its time it throws what the last try threw", async () => {
  const outcome = eventually(() => Promise.reject(new Error("never")), { timeoutMs: 20, intervalMs: 1 });
  await expect(outcome).rejects.toThrow("never");
});

test("it asks less often the longer it waits", async () => {
  let asked = 0;
  const outcome = eventually(() => ++asked < 0, { timeoutMs: 600 });
  await expect(outcome).rejects.toThrow("false");
  expect(asked).toBeWithin(2, 600 / 20 - 3);
});
