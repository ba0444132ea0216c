import { expect, test } from "bun:test";
import { onAbort } from "./on-abort.ts";

test("all who wait are told once, those who left are not, and one that leaves meanwhile is not either", () => {
  const controller = new AbortController();
  const told: string[] = [];
  onAbort(controller.signal, () => {
    told.push("first");
    leaveThird();
  });
  const leaveSecond = onAbort(controller.signal, () => told.push("second"));
  const leaveThird = onAbort(controller.signal, () => told.push("third"));
  onAbort(controller.signal, () => told.push("fourth"));
  leaveSecond();

  controller.abort();
  controller.abort();
  expect(told).toEqual(["first", "fourth"]);
});

test("each signal has its own", () => {
  const [one, other] = [new AbortController(), new AbortController()];
  const told: string[] = [];
  onAbort(one.signal, () => told.push("one"));
  onAbort(other.signal, () => told.push("other"));
  other.abort();
  expect(told).toEqual(["other"]);
});

test("the signal has one listener, however many wait, and one again for who comes after all have left", () => {
  const controller = new AbortController();
  const { signal } = controller;
  let listeners = 0;
  const add = signal.addEventListener.bind(signal);
  signal.addEventListener = (...args: Parameters<typeof add>) => {
    listeners++;
    add(...args);
  };
  const leaving = Array.from({ length: 100 }, () => onAbort(signal, () => undefined));
  expect(listeners).toBe(1);

  for (const leave of leaving) leave();
  let isTold = false;
  onAbort(signal, () => {
    isTold = true;
  });
  leaving[0]?.();
  controller.abort();
  expect([listeners, isTold]).toEqual([2, true]);
});
