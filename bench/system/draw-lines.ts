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
  const { prefix, digits } = catalogueOf(scenario);
  return `${prefix}${String(index).padStart(digits, "0")}`;
}

/** Products to draw from: numbered from 0, after a prefix, with so many digits at least. */
export type Catalogue = { prefix: string; digits: number; count: number };

export function catalogueOf(scenario: Scenario): Catalogue {
  return { prefix: `BENCH-${scenario.toUpperCase()}-`, digits: 4, count: skuCount };
}

/**
 * Two lines of one unit each. In `hot` one of the SKUs is in half of the orders; in `scarce` an order has one line, or the
 * last units would wait for an order that happens to want two of them.
 */
export function drawLines(scenario: Scenario, random: Random, catalogue = catalogueOf(scenario)): Line[] {
  const { prefix, digits, count } = catalogue;
  const [first, second] = drawTwo(random, count, scenario === "hot" && random.isTrue(0.5) ? 0 : undefined);
  const indexes = scenario === "scarce" ? [first] : [first, second];
  return indexes.map((index) => ({ sku: `${prefix}${String(index).padStart(digits, "0")}`, quantity: 1 }));
}

/** Two different numbers below `count`, the first of which may be given. */
export function drawTwo(random: Random, count: number, first = random.whole(0, count - 1)): [number, number] {
  return [first, (first + random.whole(1, count - 1)) % count];
}
