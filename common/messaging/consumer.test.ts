import { afterAll, afterEach, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { eventually } from "@orderflow/tools/testing/eventually";
import { createHeardHeads } from "../discovery/heard-heads.ts";
import type { Consumer, ConsumerOptions } from "./consumer.ts";
import { toEnvelope } from "./envelope.ts";
import type { Event } from "./event.ts";
import { onlyKnown } from "./known-event.ts";
import { readEvents } from "./read.ts";
import { readHeads } from "./stream-heads.ts";
import { createLogRig, type LogRig } from "./testing/log-rig.ts";
import { topicOf } from "./topics.ts";

setDefaultTimeout(20_000);

let rig: LogRig;
let names = 0;
const started: Consumer[] = [];

beforeAll(async () => {
  rig = await createLogRig();
});
afterEach(async () => {
  await Promise.all(started.splice(0).map((consumer) => consumer.stop()));
});
afterAll(() => rig.drop());

type StreamRig = Awaited<ReturnType<LogRig["aStream"]>>;

const aStream = (overrides?: Partial<ConsumerOptions>) => rig.aStream(`consumer-${++names}`, overrides);

function start(stream: StreamRig, more?: Partial<ConsumerOptions>): Consumer {
  const consumer = stream.aConsumer(more);
  started.push(consumer);
  consumer.start();
  return consumer;
}

const idsOf = (events: Event[]) => events.map((event) => event.id);
const hasApplied = (stream: StreamRig, events: Event[]) =>
  eventually(async () => expect(await stream.applied()).toEqual(idsOf(events)));
const hasHalted = (consumer: Consumer) => eventually(() => consumer.status().haltedBecause ?? "");

async function countCommits({ stream }: StreamRig): Promise<number> {
  const [counted] = await rig.listener.sql`
    select count(distinct xmin::text)::int as commits from applied where stream = ${stream}`;
  return counted.commits;
}

async function deadLetters(stream: StreamRig): Promise<object[]> {
  const rows = await rig.listener.sql`
    select position::int as position, is_parked, error, attempts from dead_letter
    where stream = ${stream.stream} order by position`;
  return rows.map((row: object) => ({ ...row }));
}

/** Refuses to apply the values it is told. */
const poisonedBy = (...values: unknown[]): Partial<ConsumerOptions> => ({
  apply: async (tx, events) => {
    for (const { stream, position, id, data } of events) {
      const { value } = data as { value: unknown };
      if (values.includes(value)) throw new TypeError(`cannot apply ${value}`);
      await tx`insert into applied (stream, position, id, value) values (${stream}, ${position}, ${id}, ${data}::jsonb)`;
    }
    return [];
  },
});

test("one in no hurry applies what comes after a pause at once, and what follows soon in a single commit", async () => {
  const stream = await aStream({ gatherMs: 1_000 });
  start(stream);
  await stream.append(["first"]);
  await hasApplied(stream, stream.appended);

  for (const value of ["second", "third", "fourth"]) await stream.append([value]);
  await hasApplied(stream, stream.appended);
  expect(await countCommits(stream)).toBe(2);
});

test("one that is told nothing else begins a batch every 50 ms at most", async () => {
  const stream = await aStream();
  const beganAt = performance.now();
  start(stream);
  for (let n = 0; n < 50; n++) await stream.append([n]);
  await hasApplied(stream, stream.appended);
  expect(await countCommits(stream)).toBeLessThanOrEqual(1 + (performance.now() - beganAt) / 50);
});

test("one that begins while events come gathers them, too", async () => {
  const stream = await aStream();
  await stream.append(["0"]);
  const [first] = stream.appended;
  const { apply } = poisonedBy();
  const beganAt = performance.now();
  start(stream, {
    broker: {
      ...stream.broker,
      subscribe(topic, handle) {
        queueMicrotask(() => handle(Buffer.from(JSON.stringify([first && toEnvelope(first)])), topic));
        return stream.broker.subscribe(topic, handle);
      },
    },
    // Each batch finds the next event there when it is done.
    apply: async (tx, events) => {
      await apply?.(tx, events);
      if (stream.appended.length < 8) await stream.append([`${stream.appended.length}`]);
      return [];
    },
  });
  await eventually(async () => expect(await stream.applied()).toHaveLength(8));
  expect(await countCommits(stream)).toBeLessThanOrEqual(1 + (performance.now() - beganAt) / 50);
});

test("one that is told where the stream ends asks the producer no more, and at once when it is told of what was lost", async () => {
  const [stream, control] = [await aStream(), await aStream()];
  const asked = { told: 0, control: 0 };
  const counted = (who: keyof typeof asked, name: string): Partial<ConsumerOptions> => ({
    readPage: (after, limit) => {
      asked[who]++;
      return readEvents(rig.producer.sql, { stream: name, after, limit });
    },
  });
  // Told once, it is told for the rest of the test.
  const heads = createHeardHeads(() => performance.now() + 60_000);
  const tell = async () => heads.replace(await readHeads(rig.producer.sql, [stream.stream]));
  start(stream, { ...counted("told", stream.stream), heads });
  await eventually(() => expect(asked.told).toBe(1));
  await tell();
  start(control, counted("control", control.stream));
  await eventually(() => expect(asked.control).toBeGreaterThan(3));
  expect(asked.told).toBe(1);

  stream.turn("lossy");
  await stream.append(["lost"]);
  await tell();
  await hasApplied(stream, stream.appended);
});

test("one that gathers stops at once", async () => {
  const stream = await aStream({ gatherMs: 60_000 });
  const consumer = start(stream);
  await stream.append(["first"]);
  await hasApplied(stream, stream.appended);
  const askedToAt = performance.now();
  await consumer.stop();
  expect(performance.now() - askedToAt).toBeLessThan(5_000);
});

describe("a dead letter", () => {
  test("is set aside after three tries; others go on; its aggregate waits behind it", async () => {
    const stream = await aStream(poisonedBy("bad"));
    await stream.append(["good", "bad"], "a");
    await stream.append(["good", "good"], "b");
    await stream.append(["good"], "a");
    start(stream);

    await hasApplied(
      stream,
      stream.appended.filter((_, index) => [0, 2, 3].includes(index)),
    );
    await eventually(async () => expect(await deadLetters(stream)).toHaveLength(2));
    expect(await deadLetters(stream)).toMatchObject([
      { position: 2, is_parked: false, error: "TypeError: cannot apply bad", attempts: 3 },
      { position: 5, is_parked: true, attempts: 0 },
    ]);
  });

  test("keeps the event whole, to be looked at and applied later", async () => {
    const stream = await aStream(poisonedBy("bad"));
    await stream.append(["bad"]);
    start(stream);
    await eventually(async () => expect(await deadLetters(stream)).toHaveLength(1));
    const [row] = await rig.listener.sql`select event from dead_letter where stream = ${stream.stream}`;
    const [event] = stream.appended;
    expect(row.event).toEqual(event && JSON.parse(JSON.stringify(toEnvelope(event))));
  });

  test("more than ten in a row stop the stream: then it is we who are wrong", async () => {
    const stream = await aStream(poisonedBy("bad"));
    for (let aggregate = 1; aggregate <= 12; aggregate++) await stream.append(["bad"], `aggregate-${aggregate}`);
    const consumer = start(stream);
    expect(await hasHalted(consumer)).toContain("more than 10 events in a row");
    expect(consumer.status().position).toBe(10);

    // Neither a restart nor another instance buries ten more.
    await consumer.stop();
    const next = start(stream);
    expect(await hasHalted(next)).toContain("more than 10 events in a row");
    expect(await deadLetters(stream)).toHaveLength(10);
  });

  test("is made of what the producer answers and nobody can read", async () => {
    const stream = await aStream();
    await stream.append([1, 2]);
    start(stream, {
      readPage: async (after, limit) => {
        const page = await readEvents(rig.producer.sql, { stream: stream.stream, after, limit });
        return {
          ...page,
          events: page.events.map((event) => (event.position === 1 ? { ...event, unreadable: "no type" } : event)),
        };
      },
    });
    await eventually(async () => expect(await deadLetters(stream)).toHaveLength(2));
    expect(await deadLetters(stream)).toMatchObject([
      { position: 1, is_parked: false, error: "Error: the event at 1 cannot be read: no type" },
      { position: 2, is_parked: true },
    ]);
  });
});

describe("a consumer halts and says so", () => {
  async function aFollowedStream() {
    const stream = await aStream();
    await stream.append([1, 2, 3]);
    const consumer = start(stream);
    await hasApplied(stream, stream.appended);
    return { stream, consumer };
  }

  test("when the producer's log is another one", async () => {
    const { stream, consumer } = await aFollowedStream();
    await rig.producer.sql`update stream set log_id = gen_random_uuid() where name = ${stream.stream}`;
    expect(await hasHalted(consumer)).toContain("the producer's log is");
  });

  test("when the producer's log ends before its cursor", async () => {
    const { stream, consumer } = await aFollowedStream();
    await rig.producer.sql`update stream set head = 1 where name = ${stream.stream}`;
    expect(await hasHalted(consumer)).toContain("ends at 1, before the cursor at 3");
  });

  test("when positions were used twice, even once the new history is as long as the old", async () => {
    const { stream, consumer } = await aFollowedStream();
    await rig.producer.sql`delete from event where stream = ${stream.stream} and position > 1`;
    await rig.producer.sql`
      update stream set head = 1, last_id = (select id from event where stream = ${stream.stream} and position = 1)
      where name = ${stream.stream}`;
    const before = await stream.applied();
    await stream.append([20, 30, 40, 50]);
    expect(await hasHalted(consumer)).toMatch(/history was rewritten at or before 3|ends at 1/);
    expect(await stream.applied()).toEqual(before);
  });

  test("until the histories agree again, and then goes on by itself", async () => {
    const { stream, consumer } = await aFollowedStream();
    await rig.producer.sql`update stream set head = 1 where name = ${stream.stream}`;
    await hasHalted(consumer);
    await rig.producer.sql`update stream set head = 3 where name = ${stream.stream}`;
    await stream.append([4]);
    await hasApplied(stream, stream.appended);
    expect(consumer.status().haltedBecause).toBeUndefined();
  });

  test("when what it misses is pruned", async () => {
    const stream = await aStream();
    await stream.append([1, 2, 3]);
    await rig.producer.sql`delete from event where stream = ${stream.stream} and position < 3`;
    expect(await hasHalted(start(stream))).toContain("is pruned");
  });
});

test("an event of a type that nobody here knows is passed over, and is no dead letter", async () => {
  const applied: string[] = [];
  const stream = await aStream({
    apply: async (_tx, events) => {
      applied.push(...onlyKnown(events, "stock.low").map(({ id }) => id));
      return [];
    },
  });
  await stream.append([1, 2]);
  const consumer = start(stream);
  await eventually(() => consumer.status().position === 2);
  expect([applied, await deadLetters(stream)]).toEqual([[], []]);
});

describe("what MQTT brings is a hint", () => {
  test("forged, unreadable and unchained messages change nothing and stop nothing", async () => {
    const stream = await aStream();
    await stream.append([1]);
    start(stream);
    await hasApplied(stream, stream.appended);
    const [first] = stream.appended;
    if (!first) throw new Error("nothing was appended");

    const next = { ...first, id: Bun.randomUUIDv7(), position: 2, previousId: first.id };
    const forgeries = [
      "not json",
      "{}",
      "[null]",
      JSON.stringify([toEnvelope({ ...next, previousId: Bun.randomUUIDv7() })]),
      JSON.stringify([toEnvelope({ ...next, logId: Bun.randomUUIDv7() })]),
      JSON.stringify([toEnvelope({ ...next, position: 900 })]),
      JSON.stringify([toEnvelope({ ...next, stream: "another" })]),
      JSON.stringify([toEnvelope(first)]),
    ];
    for (const payload of forgeries) stream.forge(topicOf(stream.stream), payload);
    await stream.append([2, 3]);
    await hasApplied(stream, stream.appended);
    expect(await deadLetters(stream)).toEqual([]);
  });
});

describe("several instances", () => {
  test("one leads; when it stops another takes over where it stood", async () => {
    const stream = await aStream();
    const [first, second] = [start(stream), start(stream)];
    await stream.append([1]);
    await hasApplied(stream, stream.appended);
    expect([first, second].filter((consumer) => consumer.status().isLeading)).toHaveLength(1);

    const leader = first.status().isLeading ? first : second;
    await leader.stop();
    await stream.append([2]);
    await hasApplied(stream, stream.appended);
  });

  const bothLead: ConsumerOptions["controls"] = { isAlwaysLeading: true };

  /** Cuts the lock's connection, so that a second instance leads while the first, told to, goes on. */
  async function applyByTwo(controls: ConsumerOptions["controls"]): Promise<{ applied: number; appended: number }> {
    const stream = await aStream(controls ? { controls } : {});
    const first = start(stream);
    await eventually(() => first.status().isLeading);
    await rig.listener.sql`
      select pg_terminate_backend(pid) from pg_stat_activity where application_name = ${`leader ${stream.stream}`}`;
    const second = start(stream);
    await eventually(() => second.status().isLeading);
    for (let n = 0; n < 100; n++) await stream.append([n]);
    await eventually(async () => expect((await stream.applied()).length).toBeGreaterThanOrEqual(100));
    return { applied: (await stream.applied()).length, appended: stream.appended.length };
  }

  test("two that both lead still apply each event once: the cursor decides", async () => {
    expect(await applyByTwo(bothLead)).toEqual({ applied: 100, appended: 100 });
  });

  test("without the cursor's compare-and-set they double", async () => {
    const { applied } = await applyByTwo({ ...bothLead, comparesCursor: false });
    expect(applied).toBeGreaterThan(100);
  });
});
