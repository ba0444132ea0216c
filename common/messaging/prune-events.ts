import type { TransactionSQL } from "bun";

type Options = { stream: string; before: Date; rows: number };

/**
 * Deletes the oldest events of a stream, at most `rows`: those below the lowest position of its readers, never the one
 * at it, and of these only such as are older than `before`. Without a reader, none. The stream's own row is not touched,
 * so nobody who appends waits. Answers how many it deleted.
 */
export async function pruneEvents(tx: TransactionSQL, { stream, before, rows }: Options): Promise<number> {
  const gone: unknown[] = await tx`
    with oldest as (
      select position, time from event where stream = ${stream} order by position limit ${rows}
    ), kept as (
      select least(
        (select min(position) from stream_reader where stream = ${stream} and forgotten_at is null),
        (select head from stream where name = ${stream}),
        (select min(position) from oldest where time >= ${before})) as position
      where exists (select from stream_reader where stream = ${stream} and forgotten_at is null)
    )
    delete from event using oldest, kept
    where event.stream = ${stream} and event.position = oldest.position and oldest.position < kept.position
    returning event.position`;
  return gone.length;
}
