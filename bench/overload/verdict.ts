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

/** One line for each figure of a part, with where it belongs; lists are for the file alone. */
export function showFigures(figures: Record<string, unknown>): string {
  return textTable(flatten(figures, "").map(([name, value]) => ["", name, String(Math.round(value * 100) / 100)]));
}

function flatten(value: unknown, path: string): [string, number][] {
  if (typeof value === "number") return [[path, value]];
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [];
  return Object.entries(value).flatMap(([name, inner]) => flatten(inner, path === "" ? name : `${path}.${name}`));
}

export function areKept(outcomes: PartOutcome[]): boolean {
  return outcomes.every(({ verdicts }) => verdicts.every(({ isKept }) => isKept));
}
