import { expect, test } from "bun:test";
import { Refusal, Unavailable } from "../errors.ts";
import { createSubscriptionSeats } from "./subscription-seats.ts";

test("a caller has so many seats, whoever else has any, and gets them back", () => {
  const seats = createSubscriptionSeats({ maxPerCaller: 2, max: 10 });
  const first = seats.take("ann");
  seats.take("ann");
  expect(() => seats.take("ann")).toThrow(Refusal);
  seats.take("bob");
  first[Symbol.dispose]();
  first[Symbol.dispose]();
  seats.take("ann");
  expect(() => seats.take("ann")).toThrow("2 subscriptions");
  expect(seats.taken).toBe(3);
});

test("a process has so many seats", () => {
  const seats = createSubscriptionSeats({ maxPerCaller: 2, max: 3 });
  for (const caller of ["a", "a", "b"]) seats.take(caller);
  expect(() => seats.take("c")).toThrow(Unavailable);
});
