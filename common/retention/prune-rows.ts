import type { SQL, TransactionSQL } from "bun";
import { transact } from "../database/connect-database.ts";

/** One transaction deletes at most this many rows, and one round so many times that. */
export const pruneBatchRows = 1_000;
const maxBatches = 10_000;
const minPauseMs = 5;

/** Deletes at most `rows` of the oldest rows that need not be kept, and answers how many. */
export type PruneBatch = (tx: TransactionSQL, rows: number) => Promise<number>;
export type Pruning = { what: string; pruneBatch: PruneBatch };

/**
 * Prunes in short transactions until nothing is left to prune, ten million rows are gone or the signal comes, and
 * answers how many went. Between two it pauses for as long as the last one took, so that it never has more than half of
 * anything. Another process that prunes the same is left alone.
 */
export async function pruneRows(sql: SQL, { what, pruneBatch }: Pruning, signal: AbortSignal): Promise<number> {
  let pruned = 0;
  for (let batch = 0; batch < maxBatches && !signal.aborted; batch++) {
    const startedAt = performance.now();
    const gone = await transact(sql, async (tx) => ((await isAlone(tx, what)) ? pruneBatch(tx, pruneBatchRows) : 0));
    pruned += gone;
    if (gone < pruneBatchRows) break;
    await Bun.sleep(Math.max(minPauseMs, performance.now() - startedAt));
  }
  return pruned;
}

async function isAlone(tx: TransactionSQL, what: string): Promise<boolean> {
  const [row]: { alone: boolean }[] = await tx`
    select pg_try_advisory_xact_lock(hashtextextended(${`prune ${what}`}, 0)) as alone`;
  return row?.alone ?? false;
}
