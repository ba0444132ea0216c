import { textTable } from "@orderflow/tools/format/text-table";
import type { TableLook } from "./look-at-tables.ts";

/** One table over the whole run. */
export type TableLife = { table: string; looks: TableLook[]; packed: TableLook | undefined };

/** Few changes say nothing about bloat. */
const fewChanges = 200;
const pageBytes = 8_192;
/** A table of some pages is as small as it needs to be. */
const smallBytes = 64 * pageBytes;
/** Of a table that keeps its rows: it and its indexes, to what they are when packed. */
export const mostTimesPacked = 2;
/** Of one whose rows come and go: what it was at most in the second half of the run, to the first. */
export const mostGrowth = 1.5;

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

const sizeOf = (look: TableLook | undefined) => (look ? look.heap + look.indexes : 0);

/** More rows were deleted than are left, as of a queue or a log that is pruned: packed, it would be next to nothing. */
function comesAndGoes({ looks }: TableLife): boolean {
  const last = looks.at(-1);
  return last !== undefined && last.deletes > last.rows;
}

export function timesPacked({ looks, packed }: TableLife): number {
  return sizeOf(looks.at(-1)) / Math.max(1, sizeOf(packed));
}

export function growth({ looks }: TableLife): number {
  const half = Math.ceil(looks.length / 2);
  const most = (some: TableLook[]) => Math.max(...some.map(sizeOf));
  return most(looks.slice(half)) / most(looks.slice(0, half));
}

export function isBloated(life: TableLife): boolean {
  if (sizeOf(life.looks.at(-1)) <= smallBytes) return false;
  return comesAndGoes(life) ? growth(life) > mostGrowth : timesPacked(life) > mostTimesPacked;
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
  return textTable([[...head, "times packed", "2nd half / 1st"], ...lives.map(toRow)]);
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
    comesAndGoes(life) ? "–" : timesPacked(life).toFixed(2),
    comesAndGoes(life) ? growth(life).toFixed(2) : "–",
  ];
}

const kilobytes = (bytes: number) => (bytes / 1_024).toFixed(0);
