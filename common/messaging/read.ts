import type { SQL } from "bun";
import { isAtFault } from "../fault-points.ts";
import { maxPageBytes, maxPageEvents } from "./bounds.ts";
import type { Event, EventPage } from "./event.ts";

type StreamRow = { log_id: string; head: string; after_id: string | null };
type EventRow = {
  position: string;
  id: string;
  type: string;
  key: string;
  time: Date;
  traceparent: string | null;
  correlation_id: string | null;
  causation_id: string | null;
  data: unknown;
};

/** Reads what follows position `after`: at most `limit` (1 to 500) events and about 4 MiB, but at least one. */
export async function readEvents(
  sql: SQL,
  { stream, after, limit }: { stream: string; after: number; limit: number },
): Promise<EventPage> {
  const [row]: StreamRow[] = await sql`
    select log_id, head, (select id from event where stream = ${stream} and position = ${after}) as after_id
    from stream where name = ${stream}`;
  if (!row) throw new Error(`no stream named ${stream} is produced here`);

  const head = Number(row.head);
  const told = isAtFault("read.early-head") ? head + 1 : head;
  const page = { logId: row.log_id, head: told, afterId: row.after_id, isPruned: false };
  if (after >= head) return { ...page, events: [] };
  if (after > 0 && row.after_id === null) return { ...page, isPruned: true, events: [] };

  const rows: EventRow[] = await sql`
    select position, id, type, key, time, traceparent, correlation_id, causation_id, data from (
      select *, sum(pg_column_size(data)) over (order by position) as bytes from event
      where stream = ${stream} and position > ${after} order by position limit ${Math.min(limit, maxPageEvents)}
    ) page
    where bytes <= ${maxPageBytes} or position = ${after + 1} order by position`;
  if (Number(rows[0]?.position) !== after + 1) return { ...page, isPruned: true, events: [] };
  return { ...page, events: chain(rows, { stream, logId: row.log_id, afterId: row.after_id }) };
}

function chain(rows: EventRow[], from: { stream: string; logId: string; afterId: string | null }): Event[] {
  return rows.map((row, index) => ({
    stream: from.stream,
    logId: from.logId,
    position: Number(row.position),
    id: row.id,
    previousId: index === 0 ? from.afterId : (rows[index - 1]?.id ?? null),
    type: row.type,
    key: row.key,
    time: row.time.toISOString(),
    traceparent: row.traceparent ?? undefined,
    correlationId: row.correlation_id ?? undefined,
    causationId: row.causation_id ?? undefined,
    data: row.data,
  }));
}
