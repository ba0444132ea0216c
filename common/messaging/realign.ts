import type { TransactionSQL } from "bun";
import { transact } from "../database/connect-database.ts";
import { type Ends, type Fork, findFork } from "./find-fork.ts";

/** Why the two could not be brought together. Nothing was changed. */
export class CannotRealign extends Error {
  override readonly name = "CannotRealign";
}

/**
 * Puts a consumer's cursor back to the last event that both know, and accepts the producer's log from there on. What the
 * consumer applied past it stays applied, and is noted in `lost_event`; its dead letters among those move to the discarded
 * ones. The producer's events past that place are new to the consumer, so none is applied twice.
 *
 * @returns the fork as it was; one that continues changes nothing.
 * @throws CannotRealign when no common event is remembered, or the cursor moved meanwhile.
 */
export async function realign({ consumer, producer, stream }: Ends, callerId: string): Promise<Fork> {
  const fork = await findFork({ consumer, producer, stream });
  if (fork.state === "continues") return fork;
  const { lastCommon, cursor } = fork;
  if (lastCommon === undefined)
    throw new CannotRealign(`${stream} forked before what is remembered of it: restore the producer, or begin anew`);
  const [common]: { id: string }[] =
    await producer`select id from event where stream = ${stream} and position = ${lastCommon}`;
  if (lastCommon > 0 && !common) throw new CannotRealign(`${stream} at ${lastCommon} is pruned at the producer`);

  await transact(consumer, async (tx) => {
    const moved: unknown[] = await tx`
      update cursor set position = ${lastCommon}, event_id = ${common?.id ?? null}::uuid,
        log_id = ${lastCommon > 0 ? fork.producer.logId : null}::uuid
      where stream = ${stream} and position = ${cursor.position} and event_id = ${cursor.eventId}::uuid returning 1`;
    if (moved.length === 0) throw new CannotRealign(`the cursor of ${stream} moved meanwhile: look again`);
    await noteLost(tx, stream, lastCommon);
    await discardLost(tx, { stream, after: lastCommon, callerId });
    await cutTrail(tx, stream, lastCommon);
  });
  return fork;
}

/** Those that were applied: a dead letter did nothing that could stay. */
async function noteLost(tx: TransactionSQL, stream: string, after: number): Promise<void> {
  await tx`
    insert into lost_event (id, stream, position, type, key)
    select (event->>0)::uuid, stream, trail.position - jsonb_array_length(events) + n, event->>1, event->>2
    from cursor_trail trail, jsonb_array_elements(events) with ordinality applied(event, n)
    where stream = ${stream} and trail.position > ${after} and trail.position - jsonb_array_length(events) + n > ${after}
      and not exists (select from dead_letter d where d.stream = trail.stream
        and d.position = trail.position - jsonb_array_length(events) + n)
    on conflict (id) do nothing`;
}

type Lost = { stream: string; after: number; callerId: string };

/** Their positions will be used again, by other events. */
async function discardLost(tx: TransactionSQL, { stream, after, callerId }: Lost): Promise<void> {
  await tx`
    with gone as (delete from dead_letter where stream = ${stream} and position > ${after} returning *),
    kept as (
      insert into discarded_dead_letter (stream, position, key, event, error, attempts, buried_at, discarded_by, reason)
      select stream, position, key, event, error, attempts, buried_at, ${callerId}, 'lost with the producer''s history'
      from gone
    )
    update cursor set dead_letters = dead_letters - (select count(*) from gone) where stream = ${stream}`;
}

async function cutTrail(tx: TransactionSQL, stream: string, after: number): Promise<void> {
  await tx`
    insert into cursor_trail (stream, position, events)
    select stream, ${after}::bigint,
      (select jsonb_agg(event order by n) from jsonb_array_elements(events) with ordinality part(event, n)
       where position - jsonb_array_length(events) + n <= ${after})
    from cursor_trail
    where stream = ${stream} and position > ${after} and position - jsonb_array_length(events) < ${after}
    on conflict (stream, position) do nothing`;
  await tx`delete from cursor_trail where stream = ${stream} and position > ${after}`;
}
