import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { createTables } from "@orderflow/tools/testing/create-tables";
import { eventually } from "@orderflow/tools/testing/eventually";
import { createTestDatabase, type TestDatabase } from "@orderflow/tools/testing/test-database";
import { appendEvents } from "./append.ts";
import type { Event } from "./event.ts";
import { pruneEvents } from "./prune-events.ts";
import { readEvents } from "./read.ts";
import * as schema from "./schema.ts";
import { createReaderNotes, registerReaders } from "./stream-readers.ts";
import { ensureStreams } from "./streams.ts";
import { createLogRig } from "./testing/log-rig.ts";

setDefaultTimeout(20_000);

let database: TestDatabase;
let streams = 0;
const soon = () => new Date(Date.now() + 60_000);

beforeAll(async () => {
  database = await createTestDatabase({ service: "none" });
  await createTables(database.sql, schema);
});
afterAll(() => database.drop());

async function aStream(events: number): Promise<{ stream: string; appended: Event[] }> {
  const stream = `stream-${++streams}`;
  await ensureStreams(database.sql, [stream]);
  const facts = Array.from({ length: events }, (_, n) => ({ stream, type: "said", key: "k", data: { n } }));
  return { stream, appended: await database.sql.begin((tx) => appendEvents(tx, facts)) };
}

const prune = (stream: string, { before = soon(), rows = 1_000 } = {}): Promise<number> =>
  database.sql.begin((tx) => pruneEvents(tx, { stream, before, rows }));

/** As a reader says whose cursor is there. */
async function reads(reader: string, stream: string, event: Event | undefined): Promise<void> {
  const position = event?.position ?? 0;
  const page = await readEvents(database.sql, { stream, after: position, limit: 1 });
  await createReaderNotes(database.sql).note({ stream, reader, position, eventId: event?.id ?? null }, page);
}

async function kept(stream: string): Promise<number[]> {
  const rows: { position: string }[] =
    await database.sql`select position from event where stream = ${stream} order by position`;
  return rows.map(({ position }) => Number(position));
}

describe("pruning a stream", () => {
  test("deletes nothing while nobody is known to read it", async () => {
    const { stream } = await aStream(5);
    expect([await prune(stream), await kept(stream)]).toEqual([0, [1, 2, 3, 4, 5]]);
  });

  test("keeps the event at the slowest reader's cursor and all after it", async () => {
    const { stream, appended } = await aStream(5);
    await reads("fast", stream, appended[4]);
    await reads("slow", stream, appended[2]);
    expect([await prune(stream), await kept(stream)]).toEqual([2, [3, 4, 5]]);
    const page = await readEvents(database.sql, { stream, after: 3, limit: 9 });
    expect(page).toMatchObject({ isPruned: false, afterId: appended[2]?.id });
    expect(page.events.map(({ position }) => position)).toEqual([4, 5]);
  });

  test("keeps the last event when all have read everything, so that the next one chains", async () => {
    const { stream, appended } = await aStream(3);
    await reads("one", stream, appended[2]);
    expect([await prune(stream), await kept(stream)]).toEqual([2, [3]]);
    expect((await readEvents(database.sql, { stream, after: 3, limit: 1 })).afterId).toBe(appended[2]?.id ?? "");
  });

  test("keeps everything for a reader that is registered and was never heard of", async () => {
    const { stream, appended } = await aStream(3);
    await registerReaders(database.sql, { [stream]: ["silent"] });
    await reads("fast", stream, appended[2]);
    expect([await prune(stream), await kept(stream)]).toEqual([0, [1, 2, 3]]);
  });

  test("goes on once an operator forgets a reader, and holds again when it is heard of", async () => {
    const { stream, appended } = await aStream(4);
    await reads("gone", stream, appended[1]);
    await reads("fast", stream, appended[2]);
    await database.sql`update stream_reader set forgotten_at = now() where stream = ${stream} and reader = 'gone'`;
    await registerReaders(database.sql, { [stream]: ["gone"] });
    expect([await prune(stream), await kept(stream)]).toEqual([2, [3, 4]]);
    await reads("gone", stream, appended[2]);
    await reads("fast", stream, appended[3]);
    expect([await prune(stream), await kept(stream)]).toEqual([0, [3, 4]]);
  });

  test("keeps what is young, however far the readers are", async () => {
    const { stream, appended } = await aStream(5);
    await reads("one", stream, appended[4]);
    await database.sql`update event set time = now() - interval '1 day' where stream = ${stream} and position in (1, 2, 4)`;
    const before = new Date(Date.now() - 3_600_000);
    // The old event at 4 stays too: a log has no holes.
    expect([await prune(stream, { before }), await kept(stream)]).toEqual([2, [3, 4, 5]]);
  });

  test("deletes as many as it was told at most, oldest first", async () => {
    const { stream, appended } = await aStream(5);
    await reads("one", stream, appended[4]);
    expect([await prune(stream, { rows: 3 }), await kept(stream)]).toEqual([3, [4, 5]]);
  });

  test("does not keep anybody who appends waiting", async () => {
    const { stream, appended } = await aStream(5);
    await reads("one", stream, appended[4]);
    await database.sql.begin(async (tx) => {
      expect(await pruneEvents(tx, { stream, before: soon(), rows: 9 })).toBe(4);
      const fact = { stream, type: "said", key: "k", data: {} };
      const meanwhile = await database.sql.begin(async (other) => {
        await other`set local lock_timeout = '1s'`;
        return appendEvents(other, [fact]);
      });
      expect(meanwhile[0]?.position).toBe(6);
    });
  });
});

describe("a reader's place", () => {
  test("that is not one of this log proves nothing", async () => {
    const { stream, appended } = await aStream(3);
    const [, second] = appended;
    if (!second) throw new Error("nothing was appended");
    await reads("one", stream, second);
    await reads("one", stream, { ...second, position: 3 });
    await reads("one", stream, { ...second, position: 900 });
    const rows = await database.sql`select position::int as position from stream_reader where stream = ${stream}`;
    expect([...rows]).toEqual([{ position: 2 }]);
  });

  test("may go back, as that of one whose database was restored", async () => {
    const { stream, appended } = await aStream(3);
    await reads("one", stream, appended[2]);
    await reads("one", stream, appended[0]);
    expect(await prune(stream)).toBe(0);
  });
});

test("a consumer applies everything once while its stream is pruned behind it", async () => {
  const rig = await createLogRig();
  const stream = await rig.aStream("pruned");
  const { sql } = rig.producer;
  const consumer = stream.aConsumer({
    readPage: async (after, limit, cursorEventId) => {
      const page = await readEvents(sql, { stream: stream.stream, after, limit: Math.min(limit, 7) });
      const place = { stream: stream.stream, reader: "consumer", position: after, eventId: cursorEventId ?? null };
      await createReaderNotes(sql).note(place, page);
      return page;
    },
  });
  consumer.start();
  try {
    const pruneNow = () => sql.begin((tx) => pruneEvents(tx, { stream: stream.stream, before: soon(), rows: 20 }));
    let pruned = 0;
    for (let n = 0; n < 100; n++) {
      await stream.append([n, n]);
      pruned += await pruneNow();
    }
    const all = stream.appended.map(({ id }) => id);
    await eventually(async () => expect(await stream.applied()).toEqual(all));
    await eventually(async () => {
      pruned += await pruneNow();
      return pruned === 199;
    });
    expect(consumer.status().haltedBecause).toBeUndefined();
  } finally {
    await consumer.stop();
    await rig.drop();
  }
});
