import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createTables } from "@orderflow/tools/testing/create-tables";
import { createTestDatabase, type TestDatabase } from "@orderflow/tools/testing/test-database";
import { appendEvents } from "./append.ts";
import { maxEventBytes } from "./bounds.ts";
import type { Event, EventPage } from "./event.ts";
import { readEvents } from "./read.ts";
import * as schema from "./schema.ts";
import { ensureStreams } from "./streams.ts";

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase({ service: "none" });
  await createTables(database.sql, schema);
});
afterAll(() => database.drop());

let streams = 0;
async function aStream(): Promise<string> {
  const name = `stream-${++streams}`;
  await ensureStreams(database.sql, [name]);
  return name;
}

const aFact = (stream: string, value: unknown = 1) => ({ stream, type: "thing.happened", key: "k", data: { value } });

async function append(stream: string, count: number): Promise<Event[]> {
  const facts = Array.from({ length: count }, (_, value) => aFact(stream, value));
  return await database.sql.begin((tx) => appendEvents(tx, facts));
}

const positions = (page: EventPage) => page.events.map((event) => event.position);

describe("appending", () => {
  test("numbers events from 1 and chains each to the one before, over commits", async () => {
    const stream = await aStream();
    const appended = [...(await append(stream, 2)), ...(await append(stream, 3))];

    expect(appended.map((event) => event.position)).toEqual([1, 2, 3, 4, 5]);
    expect(appended.map((event) => event.previousId)).toEqual([null, ...appended.slice(0, 4).map((event) => event.id)]);
    const page = await readEvents(database.sql, { stream, after: 0, limit: 500 });
    expect(page.events).toEqual(appended.map((event) => expect.objectContaining({ ...event })));
  });

  test("keeps trace, correlation and cause", async () => {
    const stream = await aStream();
    const trace = {
      traceparent: `00-${"a".repeat(32)}-${"b".repeat(16)}-01`,
      correlationId: "c-1",
      causationId: "e-1",
    };
    await database.sql.begin((tx) => appendEvents(tx, [{ ...aFact(stream), ...trace }]));
    const [event] = (await readEvents(database.sql, { stream, after: 0, limit: 1 })).events;
    expect(event).toMatchObject(trace);
  });

  test("leaves no hole when a transaction rolls back", async () => {
    const stream = await aStream();
    const rollback = database.sql.begin(async (tx) => {
      await appendEvents(tx, [aFact(stream)]);
      throw new Error("no");
    });
    await expect(rollback).rejects.toThrow("no");
    expect((await append(stream, 1)).map((event) => event.position)).toEqual([1]);
  });

  test("lets 20 writers of two streams commit without deadlock, gap or double", async () => {
    const [a, b] = [await aStream(), await aStream()];
    const writers = Array.from({ length: 20 }, (_, writer) => {
      const facts = writer % 2 ? [aFact(a), aFact(b)] : [aFact(b), aFact(a)];
      return database.sql.begin((tx) => appendEvents(tx, facts));
    });
    await Promise.all(writers);
    for (const stream of [a, b]) {
      const page = await readEvents(database.sql, { stream, after: 0, limit: 500 });
      expect(positions(page)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
      expect(page.head).toBe(20);
    }
  });

  test("refuses an event over its size, naming the limit, and appends none of its transaction", async () => {
    const stream = await aStream();
    const facts = [aFact(stream), aFact(stream, "x".repeat(maxEventBytes))];
    await expect(database.sql.begin((tx) => appendEvents(tx, facts))).rejects.toThrow(`the limit is ${maxEventBytes}`);
    expect((await readEvents(database.sql, { stream, after: 0, limit: 1 })).head).toBe(0);
  });

  test("refuses a stream that is not produced here", async () => {
    const unknown = database.sql.begin((tx) => appendEvents(tx, [aFact("nobody's")]));
    await expect(unknown).rejects.toThrow("no stream named nobody's");
  });
});

describe("reading", () => {
  test("pages from any position and proves the history before it", async () => {
    const stream = await aStream();
    const appended = await append(stream, 5);
    const page = await readEvents(database.sql, { stream, after: 2, limit: 2 });
    expect(positions(page)).toEqual([3, 4]);
    expect(page).toMatchObject({ head: 5, afterId: appended[1]?.id ?? "", isPruned: false });
    expect(page.events[0]?.previousId).toBe(page.afterId);
  });

  test("answers a page of large events in parts, at least one event each", async () => {
    const stream = await aStream();
    const aLargeFact = () => aFact(stream, crypto.getRandomValues(new Uint8Array(90_000)).toBase64());
    await database.sql.begin((tx) => appendEvents(tx, Array.from({ length: 60 }, aLargeFact)));
    const lengths: number[] = [];
    for (let after = 0; after < 60; ) {
      const page = await readEvents(database.sql, { stream, after, limit: 500 });
      expect(page.events.length).toBeGreaterThan(0);
      lengths.push(page.events.length);
      after += page.events.length;
    }
    expect(lengths.length).toBeGreaterThan(1);
    expect(lengths.length).toBeLessThan(5);
  });

  test("says that what follows is pruned, and never shows the hole as the end", async () => {
    const stream = await aStream();
    const appended = await append(stream, 5);
    await database.sql`delete from event where stream = ${stream} and position < 3`;

    expect(await readEvents(database.sql, { stream, after: 0, limit: 9 })).toMatchObject({
      isPruned: true,
      events: [],
    });
    expect(await readEvents(database.sql, { stream, after: 1, limit: 9 })).toMatchObject({
      isPruned: true,
      events: [],
    });
    const kept = await readEvents(database.sql, { stream, after: 3, limit: 9 });
    expect(kept).toMatchObject({ isPruned: false, afterId: appended[2]?.id ?? "" });
    expect(positions(kept)).toEqual([4, 5]);
  });
});
