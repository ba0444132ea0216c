import type { TransactionSQL } from "bun";
import { isAtFault } from "../fault-points.ts";
import { newId } from "../ids.ts";
import { maxEventBytes } from "./bounds.ts";
import { dataJson } from "./data-json.ts";
import type { Event, Fact } from "./event.ts";

/** Well below the time for which PostgreSQL lets a transaction idle. */
const slowCommitMs = 400;

type StreamRow = { log_id: string; head: string; before_id: string | null };

/**
 * Appends facts to their streams, as the last statements of a transaction: from here to COMMIT every other writer of
 * these streams waits. Streams are taken in name order, so that two transactions cannot hold each other up for ever.
 *
 * @throws when a fact is larger than 262,144 bytes of JSON, or its stream is not one this service produces.
 */
export async function appendEvents(tx: TransactionSQL, facts: Fact[]): Promise<Event[]> {
  const time = new Date().toISOString();
  const appended: Event[] = [];
  for (const [stream, ofStream] of [...Map.groupBy(facts, (fact) => fact.stream)].sort(byName)) {
    appended.push(...(await appendToStream(tx, stream, ofStream, time)));
  }
  if (isAtFault("append.slow-commit")) await Bun.sleep(slowCommitMs);
  return appended;
}

async function appendToStream(tx: TransactionSQL, stream: string, facts: Fact[], time: string): Promise<Event[]> {
  const rows = facts.map((fact) => ({ ...fact, id: fact.id ?? newId() }));
  const lastId = rows.at(-1)?.id ?? null;
  const json = `[${rows.map(toRowJson).join(",")}]`;
  const [row]: StreamRow[] = await tx`
    with moved as (
      update stream set head = head + ${rows.length}::int, before_id = last_id, last_id = ${lastId}::uuid
      where name = ${stream} returning log_id, head, before_id
    ), inserted as (
      insert into event (stream, position, id, type, key, time, traceparent, correlation_id, causation_id, data)
      select ${stream}, moved.head - ${rows.length}::int + fact.n, (fact.row->>0)::uuid, fact.row->>1, fact.row->>2,
             ${time}::timestamptz, fact.row->>3, fact.row->>4, fact.row->>5, fact.row->6
      from moved, jsonb_array_elements(${json}::text::jsonb) with ordinality fact(row, n)
    )
    select log_id, head, before_id from moved`;
  if (!row) throw new Error(`no stream named ${stream} is produced here`);

  const first = Number(row.head) - rows.length + 1;
  return rows.map((fact, index) => ({
    ...fact,
    time,
    logId: row.log_id,
    position: first + index,
    previousId: index === 0 ? row.before_id : (rows[index - 1]?.id ?? null),
  }));
}

type IdentifiedFact = Fact & { id: string };

function toRowJson({ id, type, key, traceparent, correlationId, causationId, data }: IdentifiedFact): string {
  const json = dataJson(data);
  const bytes = Buffer.byteLength(json);
  if (bytes > maxEventBytes)
    throw new RangeError(`${type} of ${key} has ${bytes} bytes, the limit is ${maxEventBytes}`);
  const head = [id, type, key, traceparent ?? null, correlationId ?? null, causationId ?? null];
  return `${JSON.stringify(head).slice(0, -1)},${json}]`;
}

const byName = ([a]: [string, Fact[]], [b]: [string, Fact[]]) => (a < b ? -1 : 1);
