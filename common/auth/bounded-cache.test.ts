import { expect, test } from "bun:test";
import { createBoundedCache } from "./bounded-cache.ts";

test("past its capacity the entry written longest ago leaves", () => {
  const cache = createBoundedCache<number>(3);
  for (let n = 1; n <= 3; n++) cache.set(`key ${n}`, n);
  cache.set("key 1", 10);
  cache.set("key 4", 4);
  expect(["key 1", "key 2", "key 3", "key 4"].map(cache.get)).toEqual([10, undefined, 3, 4]);
});

test("it never holds more than its capacity", () => {
  const cache = createBoundedCache<number>(100);
  for (let n = 0; n < 10_000; n++) cache.set(String(n), n);
  expect(cache.size()).toBe(100);
});
