import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { eventually } from "@orderflow/tools/testing/eventually";
import { createLogger } from "../observability/logger.ts";
import { beginReader, lookForBeginning, readSkipped } from "./begin-reader.ts";
import type { Consumer } from "./consumer.ts";
import { findFork } from "./find-fork.ts";
import { pruneEvents } from "./prune-events.ts";
import { createLogRig, type LogRig } from "./testing/log-rig.ts";

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

/** Ten events, of which those below a position are pruned. */
async function aStream({ keptFrom = 1 } = {}) {
  const stream = await rig.aStream(`begin-${++names}`);
  const { stream: name } = stream;
  await stream.append(Array.from({ length: 10 }, (_, n) => n));
  await rig.producer.sql`delete from event where stream = ${name} and position < ${keptFrom}`;
  const ends = { consumer: rig.listener.sql, producer: rig.producer.sql, stream: name };
  return {
    ...stream,
    ends,
    idsAfter: (position: number) => stream.appended.slice(position).map(({ id }) => id),
    begin: (at: "floor" | "head") =>
      beginReader(ends, { reader: "newcomer", at, callerId: "ann", reason: "it needs no history" }),
    start(more: Parameters<typeof stream.aConsumer>[0] = {}): Consumer {
      const consumer = stream.aConsumer(more);
      started.push(consumer);
      consumer.start();
      return consumer;
    },
  };
}

const hasHalted = (consumer: Consumer) => eventually(() => consumer.status().haltedBecause ?? "");

describe("a new reader of a log whose beginning is pruned", () => {
  test("halts and names the command, and applies nothing until it was told where to begin", async () => {
    const stream = await aStream({ keptFrom: 4 });
    expect(await hasHalted(stream.start())).toContain(
      "what follows 0 is pruned at the producer: `bun run readers begin`",
    );
    await stream.append(["later"]);
    expect(await lookForBeginning(stream.ends)).toMatchObject({
      cursor: { position: 0 },
      isPruned: true,
      places: { floor: { position: 4 }, head: { position: 11 } },
    });
    expect(await stream.applied()).toEqual([]);
  });

  test.each([
    ["floor", 4],
    ["head", 10],
  ] as const)(
    "at the %s applies each event after %p once, and says what it skipped, who decided it and why",
    async (at, position) => {
      const stream = await aStream({ keptFrom: 4 });
      await stream.begin(at);
      await stream.append(["later"]);
      const lines: { level: string; msg: string; skipped?: object[] }[] = [];
      const destination = { write: (line: string) => void lines.push(JSON.parse(line)) };
      const consumer = stream.start({ logger: createLogger({ service: "test", instance: "test", destination }) });
      await eventually(() => consumer.status().position === 11);
      expect(await stream.applied()).toEqual(stream.idsAfter(position));
      const skipped = { after: 0, to: position, by: "ann", reason: "it needs no history" };
      expect(await readSkipped(rig.listener.sql, stream.stream)).toMatchObject([skipped]);
      const said = lines.find(({ msg }) => msg.includes("were skipped, as an operator decided"));
      expect(said).toMatchObject({ level: "warn", stream: stream.stream, skipped: [skipped] });
      expect(await findFork(stream.ends)).toMatchObject({ state: "continues" });
    },
  );

  test("finds the place again that it was given, however much is pruned meanwhile", async () => {
    const stream = await aStream({ keptFrom: 4 });
    const { sql } = rig.producer;
    await sql`
      insert into stream_reader (stream, reader, position, forgotten_at)
      values (${stream.stream}, 'other', 10, null), (${stream.stream}, 'newcomer', 0, now())`;
    await stream.begin("floor");
    const soon = new Date(Date.now() + 60_000);
    expect(await sql.begin((tx) => pruneEvents(tx, { stream: stream.stream, before: soon, rows: 100 }))).toBe(0);
    const consumer = stream.start();
    await eventually(() => consumer.status().position === 10);
  });
});

describe("a reader that was forgotten and comes back", () => {
  test("goes on past what is pruned, and still finds a fork after that", async () => {
    const stream = await aStream();
    const consumer = stream.start();
    await eventually(() => consumer.status().position === 10);
    await consumer.stop();
    await stream.append(["missed", "missed", "floor", "kept", "lost"]);
    await rig.producer.sql`delete from event where stream = ${stream.stream} and position < 13`;
    await stream.begin("floor");
    const again = stream.start();
    await eventually(() => again.status().position === 15);
    expect(await stream.applied()).toEqual([...stream.idsAfter(0).slice(0, 10), ...stream.idsAfter(13)]);
    expect(await readSkipped(rig.listener.sql, stream.stream)).toMatchObject([{ after: 10, to: 13 }]);
    await again.stop();
    await stream.rewind(14);
    await stream.append(["another"]);
    expect(await findFork(stream.ends)).toMatchObject({ state: "forked", lastCommon: 14 });
  });
});

describe("is refused, and nothing is moved,", () => {
  test.each(["floor", "head"] as const)("at the %s while a reader can go on by itself", async (at) => {
    const stream = await aStream();
    const consumer = stream.start();
    await eventually(() => consumer.status().position === 10);
    await expect(stream.begin(at)).rejects.toThrow("nothing after 10 is pruned: newcomer goes on by itself");
    expect((await stream.reach()).cursor).toBe(10);
  });

  test("at the floor of a log that is whole; at its head a new reader may begin", async () => {
    const stream = await aStream();
    await expect(stream.begin("floor")).rejects.toThrow("nothing after 0 is pruned");
    await stream.begin("head");
    expect((await stream.reach()).cursor).toBe(10);
  });

  test("when there is no event yet, or no such stream", async () => {
    const { stream } = await rig.aStream(`begin-${++names}`);
    const ends = { consumer: rig.listener.sql, producer: rig.producer.sql, stream };
    await expect(lookForBeginning(ends)).rejects.toThrow("has no event yet");
    await expect(lookForBeginning({ ...ends, stream: "nobodys" })).rejects.toThrow("no stream named nobodys");
  });

  test("for a cursor that is on another history", async () => {
    const stream = await aStream();
    const consumer = stream.start();
    await eventually(() => consumer.status().position === 10);
    await consumer.stop();
    await rig.producer.sql`update stream set log_id = gen_random_uuid() where name = ${stream.stream}`;
    await expect(stream.begin("head")).rejects.toThrow("is not on the producer's log: see `bun run realign`");
    expect(await readSkipped(rig.listener.sql, stream.stream)).toEqual([]);
  });

  test("the second time when two decide at once", async () => {
    const stream = await aStream({ keptFrom: 4 });
    const outcomes = await Promise.allSettled([stream.begin("floor"), stream.begin("head")]);
    const refused = outcomes.filter(({ status }) => status === "rejected");
    expect(refused).toHaveLength(1);
    expect(await readSkipped(rig.listener.sql, stream.stream)).toHaveLength(1);
  });
});
