import { textTable } from "@orderflow/tools/format/text-table";
import { median } from "../support/median.ts";
import type { Round } from "../system/place-round.ts";

/** What was measured of one revision. */
export type Measured = { revision: string; rounds: Round[] };

const figures = [
  { name: "orders/s", of: (round: Round) => round.ordersPerS, digits: 0 },
  { name: "CPU ms/order", of: (round: Round) => round.cpuMsPerOrder, digits: 3 },
  { name: "p50 ms", of: (round: Round) => round.p50Ms, digits: 1 },
  { name: "p99 ms", of: (round: Round) => round.p99Ms, digits: 1 },
];

/** The medians of both, each with the least and the most, and the second's in parts of the first's. */
export function showComparison([first, second]: [Measured, Measured]): string {
  const ratio = figures.map(({ of }) => {
    const [before, after] = [first, second].map(({ rounds }) => median(rounds.map(of)));
    return ((after ?? Number.NaN) / (before ?? Number.NaN)).toFixed(3);
  });
  return textTable([
    ["revision", "rounds", ...figures.map(({ name }) => name), "failed"],
    ...[first, second].map(toRow),
    ["second / first", "", ...ratio],
  ]);
}

function toRow({ revision, rounds }: Measured): string[] {
  const cells = figures.map(({ of, digits }) => {
    const values = rounds.map(of);
    const [least, most] = [Math.min(...values), Math.max(...values)];
    return `${median(values).toFixed(digits)} (${least.toFixed(digits)}–${most.toFixed(digits)})`;
  });
  const failed = rounds.reduce((sum, round) => sum + round.failed, 0);
  return [revision, String(rounds.length), ...cells, String(failed)];
}
