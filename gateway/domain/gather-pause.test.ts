import { expect, test } from "bun:test";
import { gatherPause } from "./gather-pause.ts";

test.each([
  [{ calls: 1, tookMs: 60 }, 0],
  [{ calls: 2, tookMs: 12 }, 4],
  [{ calls: 40, tookMs: 30 }, 10],
  [{ calls: 40, tookMs: 3_000 }, 15],
])("after %o the next request leaves %d ms later", (request, pauseMs) => {
  expect(gatherPause(request)).toBe(pauseMs);
});
