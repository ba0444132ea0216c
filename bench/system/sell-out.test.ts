import { expect, test } from "bun:test";
import { createRandom } from "@orderflow/tools/chaos/seeded-random";
import { catalogueOf, drawLines } from "./draw-lines.ts";
import { isExact } from "./sell-out.ts";

test.each([
  [{ units: 3_000, sold: 3_000 }, true],
  [{ units: 3_000, sold: 3_001 }, false],
  [{ units: 3_000, sold: 2_999 }, false],
  [undefined, true],
])("%p is exactly what there was: %p", (sold, expected) => {
  expect(isExact(sold)).toBe(expected);
});

test("scarce orders want one product, so that none keeps its last unit; others two of a catalogue", () => {
  const random = createRandom(1);
  for (let times = 0; times < 100; times++) {
    expect(drawLines("scarce", random)).toHaveLength(1);
    const [first, second] = drawLines("uniform", random, { ...catalogueOf("uniform"), count: 2 });
    expect([first?.sku, second?.sku].sort()).toEqual(["BENCH-UNIFORM-0000", "BENCH-UNIFORM-0001"]);
  }
});
