import type { SQL } from "bun";

/** An event that a consumer remembers to have applied. */
export type AppliedEvent = { position: number; id: string; type: string; key: string };

export type Fork = {
  /** Where the consumer stands, and on whose log. */
  cursor: { position: number; eventId: string | null; logId: string | null };
  /** Where the producer's log ends, and the event it has at the cursor's position: none when it ends before it. */
  producer: { head: number; logId: string; eventIdAtCursor: string | null };
  /** The last position whose event both know. Undefined when it lies before what the consumer remembers. */
  lastCommon: number | undefined;
  /** `continues`: nothing is wrong. `forked`: the consumer applied `lost` events that the producer no longer knows. */
  state: "continues" | "forked";
  lost: AppliedEvent[];
};

export type Ends = { consumer: SQL; producer: SQL; stream: string };

/** Compares what a consumer applied with what its producer's log holds now. Reads only. */
export async function findFork({ consumer, producer, stream }: Ends): Promise<Fork> {
  const cursor = await readCursor(consumer, stream);
  const log = await readLog(producer, { stream, position: cursor.position });
  const isSame = log.logId === cursor.logId && log.eventIdAtCursor === cursor.eventId;
  if (cursor.position === 0 || (isSame && log.head >= cursor.position))
    return { cursor, producer: log, lastCommon: cursor.position, state: "continues", lost: [] };
  const lastCommon = await findLastCommon({ consumer, producer, stream }, Math.min(cursor.position, log.head));
  const lost = lastCommon === undefined ? [] : await appliedAfter(consumer, stream, lastCommon);
  return { cursor, producer: log, lastCommon, state: "forked", lost };
}

/** Histories share a beginning and differ from somewhere on, so the last position they share is found by halving. */
async function findLastCommon({ consumer, producer, stream }: Ends, upTo: number): Promise<number | undefined> {
  const isCommon = async (position: number) => {
    const [ours, theirs] = await Promise.all([
      appliedAt(consumer, stream, position),
      loggedAt(producer, stream, position),
    ]);
    return ours !== undefined && ours === theirs;
  };
  const [first]: { first: string | null }[] = await consumer`
    select min(position - jsonb_array_length(events) + 1) as first from cursor_trail where stream = ${stream}`;
  if (!first || first.first === null) return undefined;
  let known = Number(first.first) - 1;
  if (known > 0) {
    if (!(await isCommon(known + 1))) return undefined;
    known++;
  }
  let beyond = upTo + 1;
  while (beyond - known > 1) {
    const middle = (known + beyond) >> 1;
    if (await isCommon(middle)) known = middle;
    else beyond = middle;
  }
  return known;
}

async function appliedAt(sql: SQL, stream: string, position: number): Promise<string | undefined> {
  const [row]: { id: string | null }[] = await sql`
    select events->((${position}::bigint - position + jsonb_array_length(events) - 1)::int)->>0 as id from cursor_trail
    where stream = ${stream} and position >= ${position} and position - jsonb_array_length(events) < ${position}
    order by position limit 1`;
  return row?.id ?? undefined;
}

async function loggedAt(sql: SQL, stream: string, position: number): Promise<string | undefined> {
  const [row]: { id: string }[] = await sql`select id from event where stream = ${stream} and position = ${position}`;
  return row?.id;
}

/** What the consumer applied past a position, in order: at most what it remembers, 100,000 events. */
async function appliedAfter(sql: SQL, stream: string, after: number): Promise<AppliedEvent[]> {
  const rows: { position: string; id: string; type: string; key: string }[] = await sql`
    select trail.position - jsonb_array_length(events) + n as position, event->>0 as id, event->>1 as type, event->>2 as key
    from cursor_trail trail, jsonb_array_elements(events) with ordinality applied(event, n)
    where stream = ${stream} and trail.position > ${after} and trail.position - jsonb_array_length(events) + n > ${after}
    order by 1`;
  return rows.map((row) => ({ ...row, position: Number(row.position) }));
}

export async function readCursor(sql: SQL, stream: string): Promise<Fork["cursor"]> {
  const [row]: { position: string; event_id: string | null; log_id: string | null }[] =
    await sql`select position, event_id, log_id from cursor where stream = ${stream}`;
  return { position: Number(row?.position ?? 0), eventId: row?.event_id ?? null, logId: row?.log_id ?? null };
}

async function readLog(
  sql: SQL,
  { stream, position }: { stream: string; position: number },
): Promise<Fork["producer"]> {
  const [row]: { head: string; log_id: string; event_id: string | null }[] = await sql`
    select head, log_id, (select id from event where stream = ${stream} and position = ${position}) as event_id
    from stream where name = ${stream}`;
  if (!row) throw new Error(`no stream named ${stream} is produced here`);
  return { head: Number(row.head), logId: row.log_id, eventIdAtCursor: row.event_id };
}
