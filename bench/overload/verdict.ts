import { textTable } from "@orderflow/tools/format/text-table";

/** What must hold, what was seen, and whether it did. */
export type Verdict = { promise: string; seen: string; isKept: boolean };
/** Of one part, with whatever else was measured. */
export type PartOutcome = { part: string; verdicts: Verdict[]; figures: Record<string, unknown> };

type Bound = { atLeast: number } | { atMost: number };

/** A figure against its bound, in a unit such as " ms". */
export function verdict(promise: string, value: number, { unit = "", ...bound }: Bound & { unit?: string }): Verdict {
  const isKept = "atLeast" in bound ? value >= bound.atLeast : value <= bound.atMost;
  return { promise, seen: `${Number.isInteger(value) ? value : value.toFixed(2)}${unit}`, isKept };
}

export function showOutcomes(outcomes: PartOutcome[]): string {
  const rows = outcomes.flatMap(({ part, verdicts }) =>
    verdicts.map(({ promise, seen, isKept }) => [part, promise, seen, isKept ? "kept" : "BROKEN"]),
  );
  return textTable([["part", "promise", "seen", ""], ...rows]);
}

export function areKept(outcomes: PartOutcome[]): boolean {
  return outcomes.every(({ verdicts }) => verdicts.every(({ isKept }) => isKept));
}
