import type { Random } from "@orderflow/tools/chaos/seeded-random";
import type { Scenario } from "./bench-options.ts";

export const skuCount = 1_000;
/** Of a product that must not run out. */
export const plenty = 100_000_000;
/** Of each product of the scenario that sells out. */
export const scarceStock = 3;

export type Line = { sku: string; quantity: number };

/** A scenario has products of its own, so that none finds the stock of another. */
export function skuOf(scenario: Scenario, index: number): string {
  return `BENCH-${scenario.toUpperCase()}-${String(index).padStart(4, "0")}`;
}

/** Two lines of one unit each. In `hot` one of the SKUs is in half of the orders. */
export function drawLines(scenario: Scenario, random: Random): Line[] {
  const first = scenario === "hot" && random.isTrue(0.5) ? 0 : random.whole(0, skuCount - 1);
  const step = random.whole(1, skuCount - 1);
  return [first, (first + step) % skuCount].map((index) => ({ sku: skuOf(scenario, index), quantity: 1 }));
}
