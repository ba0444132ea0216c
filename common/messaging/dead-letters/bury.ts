import type { SQL, TransactionSQL } from "bun";
import { toEnvelope } from "../envelope.ts";
import type { Event } from "../event.ts";

/** Why an event is set aside: it failed by itself, or it waits behind one of the same aggregate that did. */
export type Burial = {
  events: Event[];
  isParked: boolean;
  error: string;
  stack?: string | undefined;
  attempts: number;
};

/** Which of these aggregates have a dead letter in this stream, so that their later events must wait behind it. */
export async function buriedKeys(tx: TransactionSQL, stream: string, keys: string[]): Promise<Set<string>> {
  const rows: { key: string }[] = await tx`
    select distinct key from dead_letter where stream = ${stream} and key = any(${tx.array(keys, "TEXT")})`;
  return new Set(rows.map((row) => row.key));
}

export async function bury(tx: TransactionSQL, stream: string, burial: Burial): Promise<void> {
  if (burial.events.length === 0) return;
  const rows = burial.events.map((event) => [event.position, event.key, toEnvelope(event)]);
  await tx`
    insert into dead_letter (stream, position, key, event, is_parked, error, stack, attempts)
    select ${stream}, (row->>0)::bigint, row->>1, row->2, ${burial.isParked}, ${burial.error}, ${burial.stack ?? null}, ${burial.attempts}
    from jsonb_array_elements(${JSON.stringify(rows)}::text::jsonb) row`;
  await tx`update cursor set dead_letters = dead_letters + ${burial.events.length}::int where stream = ${stream}`;
}

/** How many events up to this position failed one right after another and still wait: at most 10 are counted. */
export async function countBuriedInARow(sql: SQL, stream: string, position: number): Promise<number> {
  const rows: { position: string; is_parked: boolean }[] = await sql`
    select position, is_parked from dead_letter where stream = ${stream} and position <= ${position}
    order by position desc limit 10`;
  const end = rows.findIndex((row, index) => row.is_parked || Number(row.position) !== position - index);
  return end < 0 ? rows.length : end;
}
