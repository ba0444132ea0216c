import { textTable } from "@orderflow/tools/format/text-table";
import type { TableLook } from "./look-at-tables.ts";

/** One table over the whole run. */
export type TableLife = { table: string; looks: TableLook[]; packed: TableLook | undefined };

/** Few changes say nothing about bloat. */
const fewChanges = 200;
const pageBytes = 8_192;
/** A table of some pages is as small as it needs to be, whatever it would be when packed. */
const smallBytes = 64 * pageBytes;
export const mostTimesPacked = 2;

/** Of the tables whose rows are changed or deleted. */
export function tableLives(looks: TableLook[][], packed: TableLook[]): TableLife[] {
  const last = looks.at(-1) ?? [];
  return last
    .filter(({ updates, deletes }) => updates + deletes >= fewChanges)
    .map(({ table }) => ({
      table,
      looks: looks.flatMap((look) => look.filter((each) => each.table === table)),
      packed: packed.find((each) => each.table === table),
    }));
}

export function timesPacked({ looks, packed }: TableLife): number {
  const last = looks.at(-1);
  if (!last || !packed) return Number.NaN;
  return (last.heap + last.indexes) / Math.max(1, packed.heap + packed.indexes);
}

export function isBloated(life: TableLife): boolean {
  const last = life.looks.at(-1);
  return last !== undefined && last.heap + last.indexes > smallBytes && timesPacked(life) > mostTimesPacked;
}

export function showLives(lives: TableLife[]): string {
  const head = [
    "table",
    "rows",
    "updates",
    "HOT",
    "deletes",
    "dead at most",
    "heap kB over time",
    "indexes kB",
    "packed kB",
  ];
  return textTable([[...head, "times"], ...lives.map(toRow)]);
}

function toRow(life: TableLife): string[] {
  const { table, looks, packed } = life;
  const last = looks.at(-1);
  const over = (pick: (look: TableLook) => number) => looks.map((look) => kilobytes(pick(look))).join(" ");
  return [
    table,
    String(last?.rows ?? 0),
    String(last?.updates ?? 0),
    `${Math.round((100 * (last?.hotUpdates ?? 0)) / Math.max(1, last?.updates ?? 0))} %`,
    String(last?.deletes ?? 0),
    String(Math.max(...looks.map(({ dead }) => dead))),
    over(({ heap }) => heap),
    over(({ indexes }) => indexes),
    packed ? `${kilobytes(packed.heap)} + ${kilobytes(packed.indexes)}` : "–",
    timesPacked(life).toFixed(2),
  ];
}

const kilobytes = (bytes: number) => (bytes / 1_024).toFixed(0);
