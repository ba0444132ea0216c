import type { SQL, TransactionSQL } from "bun";
import { transact } from "../database/connect-database.ts";
import { appendEvents } from "./append.ts";
import { advanceCursor, type Cursor } from "./cursor.ts";
import { type Burial, buriedKeys, bury } from "./dead-letters/bury.ts";
import type { Event, Fact } from "./event.ts";
import { inBatchSpan } from "./event-spans.ts";

/** Changes this database as these events say. What it returns is appended in the same transaction. */
export type Apply = (tx: TransactionSQL, events: Event[]) => Promise<Fact[]>;

type Failure = { error: string; stack?: string | undefined; attempts: number };

export type BatchCommit = { sql: SQL; stream: string; apply: Apply; comparesCursor: boolean };

/**
 * One transaction: advance the cursor, apply the events, append what follows. So each event has its effect exactly once
 * in this database, however often it was delivered. With `failure` the events are set aside instead of applied.
 */
export async function commitBatch(
  { sql, stream, apply, comparesCursor }: BatchCommit,
  batch: { from: Cursor; to: Cursor; events: Event[] },
  failure?: Failure,
): Promise<{ appended: Event[]; buried: number }> {
  return await inBatchSpan(stream, batch.events, (events) =>
    transact(sql, async (tx) => {
      const deadLetters = await advanceCursor(tx, stream, { ...batch, compares: comparesCursor });
      const burials = failure ? [failed(events, failure)] : deadLetters > 0 ? [await parked(tx, stream, events)] : [];
      for (const burial of burials) await bury(tx, stream, burial);

      const setAside = new Set(burials.flatMap((burial) => burial.events));
      const clean = setAside.size > 0 ? events.filter((event) => !setAside.has(event)) : events;
      assertReadable(clean);
      const facts = clean.length > 0 ? await apply(tx, clean) : [];
      return { appended: facts.length > 0 ? await appendEvents(tx, facts) : [], buried: setAside.size };
    }),
  );
}

/** @throws when the producer's answer for one of these could not be read. */
export function assertReadable(events: Event[]): void {
  const broken = events.find((event) => event.unreadable !== undefined);
  if (broken) throw new Error(`the event at ${broken.position} cannot be read: ${broken.unreadable}`);
}

function failed(events: Event[], failure: Failure): Burial {
  return { events, isParked: false, ...failure };
}

async function parked(tx: TransactionSQL, stream: string, events: Event[]): Promise<Burial> {
  const keys = await buriedKeys(
    tx,
    stream,
    events.map((event) => event.key),
  );
  return {
    events: events.filter((event) => keys.has(event.key)),
    isParked: true,
    error: "waits behind an earlier dead letter",
    attempts: 0,
  };
}
