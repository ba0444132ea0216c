import { textTable } from "@orderflow/tools/format/text-table";
import { median } from "../support/median.ts";
import type { Round } from "../system/place-round.ts";
import type { PruneRow } from "./prune-round.ts";
import type { ReadRow } from "./read-rounds.ts";

/** A round of placing in one of the shops. */
export type ShopRound = Round & { shop: "small" | "grown" };

const ms = (value: number) => value.toFixed(1);

export function showRounds(rounds: ShopRound[]): string {
  const head = ["shop", "orders/s", "p50 ms", "p99 ms", "CPU ms/order", "of it PostgreSQL", "failed"];
  const lines = rounds.map((round) => [round.shop, ...figures(round)]);
  return textTable([
    head,
    ...lines,
    ["grown / small", ratioOf(rounds, "ordersPerS"), "", "", ratioOf(rounds, "cpuMsPerOrder")],
  ]);
}

/** Of the medians of all rounds, grown to small. */
function ratioOf(rounds: ShopRound[], figure: "ordersPerS" | "cpuMsPerOrder"): string {
  const medianOf = (shop: ShopRound["shop"]) =>
    median(rounds.filter((round) => round.shop === shop).map((round) => round[figure]));
  return (medianOf("grown") / medianOf("small")).toFixed(2);
}

export function showReads(rows: ReadRow[]): string {
  const head = ["reading", "small p50 ms", "grown p50", "small p99", "grown p99"];
  return textTable([
    head,
    ...rows.map(({ reading, small, grown }) => [reading, ...[small.p50, grown.p50, small.p99, grown.p99].map(ms)]),
  ]);
}

export function showPruning(rows: PruneRow[]): string {
  const head = ["", "orders/s", "p50 ms", "p99 ms", "CPU ms/order", "of it PostgreSQL", "failed", "events pruned/s"];
  return textTable([
    head,
    ...rows.map((row) => [row.when, ...figures(row), (row.prunedEvents / row.seconds).toFixed(0)]),
  ]);
}

function figures({ ordersPerS, p50Ms, p99Ms, cpuMsPerOrder, postgresMsPerOrder, failed }: Round): string[] {
  return [
    ordersPerS.toFixed(0),
    ms(p50Ms),
    ms(p99Ms),
    cpuMsPerOrder.toFixed(2),
    postgresMsPerOrder.toFixed(2),
    String(failed),
  ];
}
