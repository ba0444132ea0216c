import type { SQL } from "bun";
import type { Metrics } from "../observability/metrics.ts";

const minReadIntervalMs = 2_000;

/** Where each stream this service produces ends, read at a scrape: the same at every instance, and right from the start. */
export function watchStreamHeads({ sql, metrics }: { sql: SQL; metrics: Metrics }): void {
  const head = metrics.gauge("stream_head", "Position of the last event of a stream that is produced here", ["stream"]);
  let readAt = Number.NEGATIVE_INFINITY;
  metrics.onScrape(async () => {
    if (performance.now() - readAt < minReadIntervalMs) return;
    readAt = performance.now();
    const rows: { name: string; head: string }[] = await sql`select name, head from stream`;
    for (const row of rows) head.set({ stream: row.name }, Number(row.head));
  });
}
