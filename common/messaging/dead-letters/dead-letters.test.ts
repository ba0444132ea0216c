import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { eventually } from "@orderflow/tools/testing/eventually";
import { createLogger } from "../../observability/logger.ts";
import type { Apply } from "../batch-commit.ts";
import type { Consumer } from "../consumer.ts";
import type { Event } from "../event.ts";
import { createLogRig, type LogRig } from "../testing/log-rig.ts";
import { createDeadLetters } from "./dead-letters.ts";

let rig: LogRig;
let names = 0;
const started: Consumer[] = [];
const callerId = "operator-1";

beforeAll(async () => {
  rig = await createLogRig();
});
afterEach(async () => {
  await Promise.all(started.splice(0).map((consumer) => consumer.stop()));
});
afterAll(() => rig.drop());

/** A stream with a consumer that cannot apply what `poison` holds, and what an operator does about it. */
async function aPoisonedStream(...values: string[]) {
  const name = `letters-${++names}`;
  const poison = new Set(values);
  const apply: Apply = async (tx, events) => {
    for (const { stream, position, id, data } of events) {
      const { value } = data as { value: string };
      if (poison.has(value)) throw new TypeError(`cannot apply ${value}`);
      await tx`insert into applied (stream, position, id, value) values (${stream}, ${position}, ${id}, ${data}::jsonb)`;
    }
    return events.map((event) => ({
      ...{ stream: `${name}-echo`, type: "echoed", key: event.key, data: {} },
      causationId: event.id,
    }));
  };
  const stream = await rig.aStream(name, { apply });
  const published: Event[] = [];
  const letters = createDeadLetters({
    sql: rig.listener.sql,
    appliers: { [name]: apply },
    publisher: { publish: (events) => void published.push(...events) },
    logger: createLogger({ service: "test", instance: name, level: "silent" }),
    metrics: stream.metrics,
  });
  const counted = async () => {
    const [row]: { dead_letters: number; rows: number }[] = await rig.listener.sql`
      select dead_letters, (select count(*)::int from dead_letter where stream = ${name}) as rows
      from cursor where stream = ${name}`;
    return { ...row };
  };
  return {
    ...stream,
    poison,
    letters,
    published,
    counted,
    positions: async () => (await letters.list({ stream: name, limit: 100 })).items.map(({ position }) => position),
    applied: async () => {
      const rows: { position: string }[] = await rig.listener
        .sql`select position from applied where stream = ${name} order by n`;
      return rows.map(({ position }) => Number(position));
    },
    redrive: (key: string) => letters.redrive({ stream: name, key, callerId }),
    start(): Consumer {
      const consumer = stream.aConsumer();
      started.push(consumer);
      consumer.start();
      return consumer;
    },
    buries: (count: number) =>
      eventually(async () => expect(await counted()).toEqual({ dead_letters: count, rows: count })),
  };
}

describe("an operator looks", () => {
  test("at what waits, by stream, aggregate and kind, a page at a time", async () => {
    const stream = await aPoisonedStream("bad");
    await stream.append(["bad", "x", "y"], "a");
    await stream.append(["bad"], "b");
    stream.start();
    await stream.buries(4);

    const list = (filter: object) => stream.letters.list({ stream: stream.stream, limit: 100, ...filter });
    expect((await list({})).items).toMatchObject([
      { position: 1, key: "a", type: "said", isParked: false, error: "TypeError: cannot apply bad", attempts: 3 },
      { position: 2, key: "a", isParked: true, attempts: 0 },
      { position: 3, key: "a", isParked: true },
      { position: 4, key: "b", isParked: false },
    ]);
    expect((await list({ key: "b" })).items).toHaveLength(1);
    expect((await list({ isParked: true })).items).toHaveLength(2);
    const first = await list({ limit: 3 });
    expect(first.items).toHaveLength(3);
    const second = await list({ limit: 3, cursor: first.nextCursor });
    expect([second.items.map(({ position }) => position), second.nextCursor]).toEqual([[4], null]);
  });

  test("at one, whole, with its stack and what waits behind it", async () => {
    const stream = await aPoisonedStream("bad");
    await stream.append(["bad", "x"], "a");
    stream.start();
    await stream.buries(2);
    const detail = await stream.letters.show({ stream: stream.stream, position: 1 });
    expect(detail).toMatchObject({ behind: 1, eventId: stream.appended[0]?.id, event: { data: { value: "bad" } } });
    expect(detail.stack).toContain("cannot apply bad");
    await expect(stream.letters.show({ stream: stream.stream, position: 99 })).rejects.toThrow(
      "There is no dead letter",
    );
  });

  test("at the metrics, which count what waits now", async () => {
    const stream = await aPoisonedStream("bad");
    await stream.append(["bad", "x"], "a");
    stream.start();
    await stream.buries(2);
    const { body } = await stream.metrics.exposition();
    expect(body).toMatch(new RegExp(`^dead_letters{stream="${stream.stream}".*} 2$`, "m"));
  });
});

describe("a redrive", () => {
  test("applies an aggregate in position order, tells what follows, and lets its later events through", async () => {
    const stream = await aPoisonedStream("bad");
    await stream.append(["bad", "x", "y"], "a");
    await stream.append(["z"], "b");
    stream.start();
    await stream.buries(3);
    stream.poison.clear();

    expect(await stream.redrive("a")).toEqual({ redriven: 3, remaining: 0, failedAt: null });
    expect(await stream.applied()).toEqual([4, 1, 2, 3]);
    expect(stream.published.map(({ causationId }) => causationId)).toEqual(
      stream.appended.slice(0, 3).map(({ id }) => id),
    );
    expect(await stream.counted()).toEqual({ dead_letters: 0, rows: 0 });
    await stream.append(["w"], "a");
    await eventually(async () => expect(await stream.applied()).toEqual([4, 1, 2, 3, 5]));
    expect(await stream.redrive("a")).toEqual({ redriven: 0, remaining: 0, failedAt: null });
  });

  test("stops at what fails again, with one more attempt and its new error; the rest stays parked", async () => {
    const stream = await aPoisonedStream("bad", "worse");
    await stream.append(["bad", "x", "worse", "y"], "a");
    stream.start();
    await stream.buries(4);
    stream.poison.delete("bad");

    expect(await stream.redrive("a")).toEqual({ redriven: 2, remaining: 2, failedAt: 3 });
    expect(await stream.applied()).toEqual([1, 2]);
    const { items } = await stream.letters.list({ stream: stream.stream, limit: 100 });
    expect(items).toMatchObject([
      { position: 3, isParked: false, attempts: 1, error: "TypeError: cannot apply worse" },
      { position: 4, isParked: true, attempts: 0 },
    ]);
    await stream.append(["later"], "a");
    await stream.buries(3);
    expect(await stream.positions()).toEqual([3, 4, 5]);
  });

  test("of many is done in bounded batches", async () => {
    const stream = await aPoisonedStream("bad");
    await stream.append(["bad", ...Array.from({ length: 249 }, (_, n) => `value ${n}`)], "a");
    stream.start();
    await stream.buries(250);
    stream.poison.clear();
    expect(await stream.redrive("a")).toEqual({ redriven: 250, remaining: 0, failedAt: null });
    expect(await stream.applied()).toEqual(stream.appended.map(({ position }) => position));
  });

  test("races the running consumer and another operator: each event once and in order", async () => {
    const stream = await aPoisonedStream("bad");
    await stream.append(["bad"], "a");
    stream.start();
    await stream.buries(1);
    stream.poison.clear();
    let isAppending = true;
    const appending = (async () => {
      for (let n = 0; n < 60; n++) await stream.append([n], "a");
      isAppending = false;
    })();
    const operator = async () => {
      while (isAppending) await stream.redrive("a");
    };
    await Promise.all([appending, operator(), operator()]);
    const all = stream.appended.map(({ position }) => position);
    await eventually(async () => {
      await stream.redrive("a");
      expect(await stream.applied()).toEqual(all);
    });
    expect(await stream.counted()).toEqual({ dead_letters: 0, rows: 0 });
  });

  test("reads anew what could not be read when it was set aside", async () => {
    const stream = await aPoisonedStream();
    await stream.append([1]);
    const [event] = stream.appended;
    if (!event) throw new Error("nothing was appended");
    const { id, position, logId, previousId } = event;
    const answered = {
      ...{ id, stream: stream.stream, position: String(position), logid: logId, previd: previousId ?? undefined },
      ...{ partitionkey: "a", data: { value: 1 }, specversion: "2.0" },
    };
    const { fromProducer, toEnvelope } = await import("../envelope.ts");
    const unreadable = fromProducer(answered);
    expect(unreadable).toMatchObject({ key: "a", unreadable: expect.stringContaining("specversion") });
    await rig.listener.sql`insert into cursor (stream, position, dead_letters) values (${stream.stream}, 1, 1)`;
    await rig.listener.sql`
      insert into dead_letter (stream, position, key, event, is_parked, error, attempts)
      values (${stream.stream}, 1, 'a', ${toEnvelope(unreadable)}::jsonb, false, 'unreadable', 3)`;
    expect(await stream.redrive("a")).toEqual({ redriven: 0, remaining: 1, failedAt: 1 });

    const mended = toEnvelope({ ...unreadable, data: toEnvelope({ ...event, key: "a" }) });
    await rig.listener.sql`update dead_letter set event = ${mended}::jsonb where stream = ${stream.stream}`;
    expect(await stream.redrive("a")).toEqual({ redriven: 1, remaining: 0, failedAt: null });
    expect(await stream.applied()).toEqual([1]);
  });
});

describe("a discard", () => {
  test("keeps the event with who and why, once, and what waited behind it can be redriven", async () => {
    const stream = await aPoisonedStream("bad");
    await stream.append(["bad", "x"], "a");
    stream.start();
    await stream.buries(2);
    const call = { stream: stream.stream, position: 1, callerId, reason: "a test order" };

    const first = await stream.letters.discard(call);
    expect(first).toMatchObject({ key: "a", remaining: 1 });
    expect(await stream.letters.discard({ ...call, reason: "again" })).toEqual(first);
    expect(await stream.counted()).toEqual({ dead_letters: 1, rows: 1 });
    const { items } = await stream.letters.list({ stream: stream.stream, limit: 100 });
    expect(items).toMatchObject([{ position: 2, isParked: false, error: expect.stringContaining("1 was discarded") }]);
    const kept = await rig.listener.sql`
      select discarded_by, reason, event->'data'->>'value' as value from discarded_dead_letter where stream = ${stream.stream}`;
    expect([...kept]).toEqual([{ discarded_by: callerId, reason: "a test order", value: "bad" }]);
    expect(await stream.redrive("a")).toEqual({ redriven: 1, remaining: 0, failedAt: null });
    expect(await stream.applied()).toEqual([2]);
  });

  test("of what is not there is refused", async () => {
    const stream = await aPoisonedStream();
    const call = { stream: stream.stream, position: 1, callerId, reason: "why not" };
    await expect(stream.letters.discard(call)).rejects.toMatchObject({ reason: "dead_letter_not_found" });
    await expect(stream.letters.redrive({ stream: "elsewhere", key: "a", callerId })).rejects.toMatchObject({
      reason: "dead_letter_not_found",
    });
  });
});
