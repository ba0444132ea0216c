import type { SQL } from "bun";
import type { Metrics } from "../observability/metrics.ts";

const minReadIntervalMs = 2_000;

/** Where each stream this service produces ends, read at a scrape: the same at every instance, and right from the start. */
export function watchStreamHeads({ sql, metrics }: { sql: SQL; metrics: Metrics }): void {
  const reads = watchReaders({ sql, metrics });
  const head = metrics.gauge("stream_head", "Position of the last event of a stream that is produced here", ["stream"]);
  let readAt = Number.NEGATIVE_INFINITY;
  metrics.onScrape(async () => {
    if (performance.now() - readAt < minReadIntervalMs) return;
    readAt = performance.now();
    const rows: { name: string; head: string }[] = await sql`select name, head from stream`;
    for (const row of rows) head.set({ stream: row.name }, Number(row.head));
    await reads();
  });
}

type ReaderRow = { stream: string; reader: string; position: string; silent_s: number | null };

/** What holds the log from being pruned, and from where on it is kept. */
function watchReaders({ sql, metrics }: { sql: SQL; metrics: Metrics }): () => Promise<void> {
  const labels = ["stream", "reader"];
  const floor = metrics.gauge("stream_floor", "Position of the oldest event that is kept of a stream", ["stream"]);
  const position = metrics.gauge("stream_reader_position", "How far a reader of a stream has said to be", labels);
  const silent = metrics.gauge("stream_reader_silent_seconds", "Since a reader of a stream has said so", labels);
  return async () => {
    const floors: { stream: string; position: string }[] = await sql`
      select name as stream, oldest.position from stream cross join lateral (
        select position from event where event.stream = name order by position limit 1) oldest`;
    for (const row of floors) floor.set({ stream: row.stream }, Number(row.position));
    const readers: ReaderRow[] = await sql`
      select stream, reader, position, extract(epoch from now() - seen_at)::float8 as silent_s
      from stream_reader where forgotten_at is null`;
    position.reset();
    silent.reset();
    for (const { stream, reader, ...row } of readers) {
      position.set({ stream, reader }, Number(row.position));
      if (row.silent_s !== null) silent.set({ stream, reader }, row.silent_s);
    }
  };
}
