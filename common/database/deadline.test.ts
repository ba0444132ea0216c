import { expect, test } from "bun:test";
import { eventually } from "@orderflow/tools/testing/eventually";
import { faultExitCode, withDeadline } from "./deadline.ts";

test("what does not answer in time ends the process, once", async () => {
  const exits: number[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const asking = withDeadline(promise, { name: "A question", ms: 50, exit: (code) => exits.push(code) });
  await eventually(() => exits.length > 0);
  resolve();
  await asking;
  expect(exits).toEqual([faultExitCode]);
});

test("while the process itself stands still the deadline does not come nearer", async () => {
  const exits: number[] = [];
  const { promise, resolve } = Promise.withResolvers<string>();
  const asking = withDeadline(promise, { name: "A question", ms: 200, exit: (code) => exits.push(code) });
  setTimeout(() => resolve("an answer that was long there"), 250);
  standStill(190);
  expect(await asking).toBe("an answer that was long there");
  expect(exits).toEqual([]);
});

function standStill(ms: number): void {
  for (const until = performance.now() + ms; performance.now() < until; );
}
