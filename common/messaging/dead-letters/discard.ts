import type { SQL, TransactionSQL } from "bun";
import { transact } from "../../database/connect-database.ts";
import { notFound } from "./list-dead-letters.ts";

export type Discard = {
  stream: string;
  position: number;
  /** Who decides that this event is never applied, and why. Both are kept with it. */
  callerId: string;
  reason: string;
};

/** `remaining` dead letters of the aggregate `key` can be redriven now. */
export type Discarded = { stream: string; position: number; key: string; discardedAt: string; remaining: number };

/**
 * Gives up one event for ever: it moves to `discarded_dead_letter` with who and why. Discarding it again answers the
 * same and changes nothing.
 *
 * @throws Refusal dead_letter_not_found
 */
export function discard(sql: SQL, { stream, position, callerId, reason }: Discard): Promise<Discarded> {
  return transact(sql, async (tx) => {
    await tx`select from cursor where stream = ${stream} for update`;
    const gone: unknown[] = await tx`
      with gone as (delete from dead_letter where stream = ${stream} and position = ${position} returning *)
      insert into discarded_dead_letter (stream, position, key, event, error, attempts, buried_at, discarded_by, reason)
      select stream, position, key, event, error, attempts, buried_at, ${callerId}, ${reason} from gone returning 1`;
    const [row]: { key: string; discarded_at: Date }[] = await tx`
      select key, discarded_at from discarded_dead_letter
      where stream = ${stream} and position = ${position} order by discarded_at desc limit 1`;
    if (!row) throw notFound(stream, position);
    if (gone.length > 0) {
      await tx`update cursor set dead_letters = dead_letters - 1 where stream = ${stream}`;
      await showNext(tx, { stream, key: row.key, position });
    }
    const [left]: { count: number }[] =
      await tx`select count(*)::int as count from dead_letter where stream = ${stream} and key = ${row.key}`;
    const discardedAt = row.discarded_at.toISOString();
    return { stream, position, key: row.key, discardedAt, remaining: left?.count ?? 0 };
  });
}

/** An aggregate whose letters were all parked would be overlooked: its first says why it still waits. */
async function showNext(
  tx: TransactionSQL,
  { stream, key, position }: { stream: string; key: string; position: number },
): Promise<void> {
  await tx`
    update dead_letter set is_parked = false, error = ${`waits to be redriven, since ${position} was discarded`}
    where stream = ${stream} and is_parked and position =
      (select min(position) from dead_letter where stream = ${stream} and key = ${key})`;
}
