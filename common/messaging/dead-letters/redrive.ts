import type { SQL, TransactionSQL } from "bun";
import { transact } from "../../database/connect-database.ts";
import { isFault } from "../../database/sql-error.ts";
import { appendEvents } from "../append.ts";
import { type Apply, assertReadable } from "../batch-commit.ts";
import { fromStored } from "../envelope.ts";
import type { Event } from "../event.ts";
import { inBatchSpan } from "../event-spans.ts";
import { lockDeadLetters } from "./lock-dead-letters.ts";

const maxBatchEvents = 100;
/** What one call applies. Calling again goes on. */
export const maxRedrivenEvents = 1_000;

export type Aggregate = { stream: string; key: string };
/** `failedAt` is the position of the letter that failed again, and behind which the rest still waits. */
export type Redriven = { redriven: number; remaining: number; failedAt: number | null };

type Options = {
  sql: SQL;
  apply: Apply;
  /** Gets what followed, after its commit. */
  publish: (events: Event[]) => void;
};

/**
 * Applies the dead letters of one aggregate in position order, as its consumer would have: a batch is one transaction
 * that takes the cursor row first, so that the consumer and this never work at the same time. What fails again stays,
 * with its new error, and everything behind it stays parked.
 *
 * @throws what is not the event's doing (database away), with what was committed before it done.
 */
export async function redrive({ sql, apply, publish }: Options, aggregate: Aggregate): Promise<Redriven> {
  let redriven = 0;
  let limit = maxBatchEvents;
  while (redriven < maxRedrivenEvents) {
    const events = await lettersOf(sql, { ...aggregate, limit });
    if (events.length === 0) break;
    try {
      publish(await redriveBatch({ sql, apply }, aggregate, events));
      redriven += events.length;
    } catch (error) {
      if (isFault(error)) throw error;
      const [culprit] = events;
      if (events.length > 1) limit = events.length >> 1;
      else if (culprit && !(error instanceof Overtaken)) {
        await noteFailure(sql, culprit, error);
        return { redriven, remaining: await countLetters(sql, aggregate), failedAt: culprit.position };
      }
    }
  }
  return { redriven, remaining: await countLetters(sql, aggregate), failedAt: null };
}

/** Another operator redrove or discarded these meanwhile. Nothing was applied; look again. */
class Overtaken extends Error {
  override readonly name = "Overtaken";
}

function redriveBatch(
  { sql, apply }: { sql: SQL; apply: Apply },
  { stream, key }: Aggregate,
  letters: Event[],
): Promise<Event[]> {
  return inBatchSpan(stream, letters, (events) =>
    transact(sql, async (tx) => {
      const locked = await lockDeadLetters(tx, { stream, key, limit: events.length });
      if (events.some((event, index) => event.position !== locked[index])) throw new Overtaken("look again");
      assertReadable(events);
      const facts = await apply(tx, events);
      await forget(tx, stream, locked);
      return facts.length > 0 ? await appendEvents(tx, facts) : [];
    }),
  );
}

async function forget(tx: TransactionSQL, stream: string, positions: number[]): Promise<void> {
  await tx`
    with gone as (
      delete from dead_letter where stream = ${stream} and position = any(${tx.array(positions, "BIGINT")}) returning 1
    )
    update cursor set dead_letters = dead_letters - (select count(*) from gone) where stream = ${stream}`;
}

async function lettersOf(sql: SQL, { stream, key, limit }: Aggregate & { limit: number }): Promise<Event[]> {
  const rows: { event: unknown }[] = await sql`
    select event from dead_letter where stream = ${stream} and key = ${key} order by position limit ${limit}`;
  return rows.map(({ event }) => fromStored(event));
}

async function noteFailure(sql: SQL, { stream, position }: Event, error: unknown): Promise<void> {
  const stack = error instanceof Error ? (error.stack ?? null) : null;
  await sql`
    update dead_letter set is_parked = false, attempts = attempts + 1, error = ${String(error)}, stack = ${stack}
    where stream = ${stream} and position = ${position}`;
}

async function countLetters(sql: SQL, { stream, key }: Aggregate): Promise<number> {
  const [row]: { count: number }[] =
    await sql`select count(*)::int as count from dead_letter where stream = ${stream} and key = ${key}`;
  return row?.count ?? 0;
}
