import { expect, test } from "bun:test";
import { streamSeatsWithin } from "./stream-seats.ts";

test.each([
  [11_000, undefined, 10_000],
  [11_000, 1_048_576, 10_000],
  [11_000, 20_000, 9_000],
  [11_000, 1_024, 256],
  [256, 20_000, 128],
  [1, 20_000, 1],
])("with %i open requests and %p files there are %i streams at most", (openRequests, openFiles, seats) => {
  expect(streamSeatsWithin({ openRequests, openFiles })).toBe(seats);
});
