import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { eventually } from "@orderflow/tools/testing/eventually";
import { createTestDatabase } from "@orderflow/tools/testing/test-database";
import type { TransactionSQL } from "bun";
import { addJobs } from "../jobs/add-jobs.ts";
import type { Apply } from "./batch-commit.ts";
import { readEvents } from "./read.ts";
import { replay } from "./replay.ts";
import { createLogRig, type LogRig } from "./testing/log-rig.ts";

let rig: LogRig;
let names = 0;

beforeAll(async () => {
  rig = await createLogRig();
});
afterAll(() => rig.drop());

const values = (count: number) => Array.from({ length: count }, (_, n) => n);

test("a new consumer begins at the first position and reads page by page, each event once and in order", async () => {
  const stream = await rig.aStream(`catch-up-${++names}`);
  stream.turn("lossy");
  for (let part = 0; part < 4; part++) await stream.append(values(500));
  const asked: { after: number; events: number }[] = [];
  const consumer = stream.aConsumer({
    readPage: async (after, limit) => {
      const page = await readEvents(rig.producer.sql, { stream: stream.stream, after, limit });
      asked.push({ after, events: page.events.length });
      return page;
    },
  });
  consumer.start();
  try {
    await eventually(async () => expect(await stream.applied()).toHaveLength(2_000), { timeoutMs: 15_000 });
    expect(await stream.applied()).toEqual(stream.appended.map(({ id }) => id));
    expect(asked[0]).toEqual({ after: 0, events: 500 });
    expect(Math.max(...asked.map(({ events }) => events))).toBeLessThanOrEqual(500);
  } finally {
    await consumer.stop();
  }
});

describe("a replay", () => {
  /** Adds a row per event, a job, and a fact that would be appended if that were not switched off. */
  const apply: Apply = async (tx: TransactionSQL, events) => {
    for (const { stream, position, id, data } of events) {
      if ((data as { value: unknown }).value === "bad") throw new Error("cannot be applied");
      await tx`insert into applied (stream, position, id, value) values (${stream}, ${position}, ${id}, ${data}::jsonb)`;
    }
    // There is no job queue in this database: adding one would fail.
    await addJobs(tx, [{ task: "send", payload: {} }]);
    return events.map(({ key }) => ({ stream: "nowhere", type: "echoed", key, data: {} }));
  };

  async function aFreshDatabase() {
    const database = await createTestDatabase({ service: "none" });
    const { createTables } = await import("@orderflow/tools/testing/create-tables");
    await createTables(database.sql, await import("./schema.ts"));
    await database.sql`create table applied (n bigint generated always as identity, stream text, position bigint, id uuid, value jsonb)`;
    const appliedIds = async (): Promise<string[]> =>
      (await database.sql`select id from applied order by n`).map(({ id }: { id: string }) => id);
    return { ...database, appliedIds };
  }

  async function aHistory(history: unknown[]) {
    const { stream, append, appended } = await rig.aStream(`replay-${++names}`);
    await append(history);
    const readPage = (after: number, limit: number) => readEvents(rig.producer.sql, { stream, after, limit });
    return { stream, readPage, apply, ids: appended.map(({ id }) => id) };
  }

  test("fills a fresh database from the beginning, appends nothing and adds no job", async () => {
    const { ids, ...history } = await aHistory(values(700));
    const fresh = await aFreshDatabase();
    const outcome = await replay({ ...history, sql: fresh.sql });
    expect(outcome).toEqual({ position: 700, head: 700, applied: 700, buried: 0 });
    expect(await fresh.appliedIds()).toEqual(ids);
    expect([...(await fresh.sql`select count(*)::int as events from event`)]).toMatchObject([{ events: 0 }]);
    await fresh.drop();
  });

  test("begins after any position", async () => {
    const { ids, ...history } = await aHistory(values(20));
    const fresh = await aFreshDatabase();
    expect(await replay({ ...history, sql: fresh.sql, after: 15 })).toMatchObject({ position: 20, applied: 5 });
    expect(await fresh.appliedIds()).toEqual(ids.slice(15));
    await fresh.drop();
  });

  test("sets aside what fails, as a consumer would", async () => {
    const { stream, ...history } = await aHistory(["fine", "bad"]);
    const fresh = await aFreshDatabase();
    expect(await replay({ ...history, stream, sql: fresh.sql })).toMatchObject({ applied: 1, buried: 1 });
    await fresh.drop();
  });

  test("refuses a database that has seen the stream, and a position that is not there", async () => {
    const { ids, ...history } = await aHistory(values(3));
    const fresh = await aFreshDatabase();
    await expect(replay({ ...history, sql: fresh.sql, after: 4 })).rejects.toThrow("positions up to 3");
    await replay({ ...history, sql: fresh.sql });
    await expect(replay({ ...history, sql: fresh.sql })).rejects.toThrow("replay into a fresh one");
    expect(await fresh.appliedIds()).toEqual(ids);
    await fresh.drop();
  });
});
