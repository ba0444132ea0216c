import type postgres from "postgres";
import { type AuditedService, auditedServices } from "./parts-sql.ts";
import { type AuditFinding, createTally } from "./tally.ts";

type Connections = Record<AuditedService, postgres.Sql>;
type Cursor = {
  consumer: AuditedService;
  stream: string;
  position: number;
  logId: string | null;
  eventId: string | null;
};
type Options = { connections: Connections; maxExamples: number; isSettled: boolean };

const onLog = {
  name: "cursors-on-log",
  law: "A cursor stands on its producer's log: at or before the head, at the event that the log has there, nothing pruned past it.",
  databases: ["order", "inventory", "worker", "notify"],
};
const trailOnLog = {
  name: "applied-events-on-log",
  law: "The events that a consumer remembers to have applied are those that its producer's log has at their places.",
  databases: ["order", "inventory", "worker", "notify"],
};
const settled = {
  name: "cursors-settled",
  law: "Every consumer has applied all that there is.",
  databases: ["order", "inventory", "worker", "notify"],
};

/**
 * Compares how far consumers are with what producers have. A log only grows, so a cursor that is read first is never
 * ahead of a head that is read after it: nothing here needs a second look.
 */
export async function checkCursors({ connections, maxExamples, isSettled }: Options): Promise<AuditFinding[]> {
  const tallies = { onLog: createTally(onLog, maxExamples), trail: createTally(trailOnLog, maxExamples) };
  const atRest = createTally(settled, maxExamples);
  const startedAt = performance.now();
  const cursors = (await Promise.all(auditedServices.map((service) => readCursors(connections, service)))).flat();
  for (const cursor of cursors) {
    const id = `${cursor.consumer} on ${cursor.stream}`;
    const producer = await findProducer(connections, cursor);
    tallies.onLog.looked();
    for (const problem of problemsOf(cursor, producer)) tallies.onLog.found(id, problem);
    if (!producer) continue;
    await compareTrail(connections, { cursor, producer: producer.service, tally: tallies.trail });
    atRest.looked();
    if (producer.head > cursor.position) atRest.found(id, `is at ${cursor.position}, the head is ${producer.head}`);
  }
  tallies.onLog.took(performance.now() - startedAt);
  return [tallies.onLog, tallies.trail, ...(isSettled ? [atRest] : [])].map((tally) => tally.finding());
}

async function readCursors(connections: Connections, consumer: AuditedService): Promise<Cursor[]> {
  const rows = await connections[consumer]<(Omit<Cursor, "position" | "consumer"> & { position: string })[]>`
    select stream, position, log_id as "logId", event_id as "eventId" from cursor order by stream`;
  return rows.map((row) => ({ ...row, consumer, position: Number(row.position) }));
}

type Producer = { service: AuditedService; logId: string; head: number; floor: number; eventId: string | null };

async function findProducer(connections: Connections, cursor: Cursor): Promise<Producer | undefined> {
  for (const service of auditedServices.filter((name) => name !== "notify")) {
    const [row] = await connections[service]<
      { logId: string; head: string; floor: string | null; eventId: string | null }[]
    >`
      select log_id as "logId", head, (select min(position) from event where stream = name) as floor,
        (select id from event where stream = name and position = ${cursor.position}) as "eventId"
      from stream where name = ${cursor.stream}`;
    if (row) return { ...row, service, head: Number(row.head), floor: Number(row.floor ?? 1) };
  }
  return undefined;
}

function problemsOf(cursor: Cursor, producer: Producer | undefined): string[] {
  const { position, logId, eventId } = cursor;
  if (!producer) return position > 0 ? [`is at ${position}, and nobody produces the stream`] : [];
  const { head, floor } = producer;
  if (position === 0) return floor > 1 ? [`is at 0, and what follows is pruned up to ${floor}`] : [];
  if (logId !== producer.logId) return [`is at ${position} of the log ${logId}, the producer's is ${producer.logId}`];
  if (position > head) return [`is at ${position}, past the head ${head}`];
  if (position < floor) return [`is at ${position}, and the log is pruned up to ${floor}`];
  if (eventId !== producer.eventId)
    return [`is at ${position}, event ${eventId}, where the log has ${producer.eventId ?? "none"}`];
  return [];
}

type TrailRow = { position: string; events: [id: string, type: string, key: string][] };
type TrailOptions = { cursor: Cursor; producer: AuditedService; tally: ReturnType<typeof createTally> };

/** The trail holds the last 100,000 events at most, a row per batch; a batch ends at its row's position. */
async function compareTrail(connections: Connections, { cursor, producer, tally }: TrailOptions): Promise<void> {
  const { consumer, stream, position: to } = cursor;
  const trail = connections[consumer]<TrailRow[]>`
    select position, events from cursor_trail where stream = ${stream} and position <= ${to} order by position`;
  for await (const rows of trail.cursor(100)) {
    const applied = rows.flatMap((row) => placesOf(row));
    const first = applied[0]?.position ?? 0;
    const last = applied.at(-1)?.position ?? 0;
    const log = await connections[producer]<{ position: string; id: string }[]>`
      select position, id from event where stream = ${stream} and position between ${first} and ${last}`;
    const ids = new Map(log.map((event) => [Number(event.position), event.id]));
    tally.looked(applied.length);
    for (const { position, id } of applied) {
      const actual = ids.get(position);
      if (actual !== undefined && actual !== id)
        tally.found(`${consumer} on ${stream}@${position}`, `applied ${id}, where the log has ${actual}`);
    }
  }
}

function placesOf({ position, events }: TrailRow): { position: number; id: string }[] {
  return events.map(([id], index) => ({ position: Number(position) - events.length + 1 + index, id }));
}
