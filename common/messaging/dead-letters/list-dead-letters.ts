import type { SQL } from "bun";
import { Refusal } from "../../errors.ts";
import type { Envelope } from "../envelope.ts";
import { type DeadLetterDetail, type DeadLetterRow, type DeadLetterView, viewOf } from "./dead-letter.ts";

export type DeadLetterFilter = {
  stream?: string | undefined;
  key?: string | undefined;
  isParked?: boolean | undefined;
  /** The `nextCursor` of the page before. */
  cursor?: string | undefined;
  limit: number;
};

export type DeadLetterPage = { items: DeadLetterView[]; nextCursor: string | null };

/** By stream, then in position order. A list shows at most 500 characters of each error. */
export async function listDeadLetters(sql: SQL, filter: DeadLetterFilter): Promise<DeadLetterPage> {
  const after = readCursor(filter.cursor);
  const rows: DeadLetterRow[] = await sql`
    select stream, position, key, is_parked, left(error, 500) as error, attempts, buried_at, event->>'type' as type,
      event->>'id' as event_id, event->>'traceparent' as traceparent, event->>'correlationid' as correlation_id
    from dead_letter
    where (${filter.stream ?? null}::text is null or stream = ${filter.stream ?? null})
      and (${filter.key ?? null}::text is null or key = ${filter.key ?? null})
      and (${filter.isParked ?? null}::boolean is null or is_parked = ${filter.isParked ?? null})
      and (stream, position) > (${after.stream}, ${after.position}::bigint)
    order by stream, position limit ${filter.limit + 1}`;
  const items = rows.slice(0, filter.limit).map(viewOf);
  const last = items.at(-1);
  return { items, nextCursor: rows.length > filter.limit && last ? `${last.position}@${last.stream}` : null };
}

/** Everything about one. @throws Refusal dead_letter_not_found */
export async function showDeadLetter(
  sql: SQL,
  { stream, position }: { stream: string; position: number },
): Promise<DeadLetterDetail> {
  type Row = DeadLetterRow & { stack: string | null; event: Envelope; behind: number };
  const [row]: Row[] = await sql`
    select stream, position, key, is_parked, error, attempts, buried_at, stack, event, event->>'type' as type,
      event->>'id' as event_id, event->>'traceparent' as traceparent, event->>'correlationid' as correlation_id,
      (select count(*)::int from dead_letter behind
       where behind.stream = letter.stream and behind.key = letter.key and behind.position > letter.position) as behind
    from dead_letter letter where stream = ${stream} and position = ${position}`;
  if (!row) throw notFound(stream, position);
  return { ...viewOf(row), stack: row.stack, behind: row.behind, event: row.event };
}

export function notFound(stream: string, position: number): Refusal {
  return new Refusal("dead_letter_not_found", `There is no dead letter of ${stream} at ${position}`);
}

function readCursor(cursor: string | undefined): { stream: string; position: number } {
  const [, position, stream] = /^(\d{1,16})@(.{1,200})$/.exec(cursor ?? "") ?? [];
  return { stream: stream ?? "", position: Number(position ?? 0) };
}
