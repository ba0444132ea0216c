import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { eventually } from "@orderflow/tools/testing/eventually";
import fc from "fast-check";
import { Unavailable } from "../errors.ts";
import { appendEvents } from "./append.ts";
import type { Consumer, ConsumerOptions } from "./consumer.ts";
import { createLogRig, type LogRig } from "./testing/log-rig.ts";
import type { Weather } from "./testing/unreliable-broker.ts";

setDefaultTimeout(20_000);

let rig: LogRig;
let runs = 0;

beforeAll(async () => {
  rig = await createLogRig();
});
afterAll(() => rig.drop());

type Happening =
  | { kind: "append"; count: number }
  | { kind: "rolledBackAppend" }
  | { kind: "calm" }
  | { kind: "weather"; weather: Weather }
  | { kind: "crash" }
  | { kind: "faults"; count: number }
  | { kind: "forgery"; payload: string };

const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("append" as const), count: fc.integer({ min: 1, max: 70 }) }) },
  { weight: 1, arbitrary: fc.constant({ kind: "rolledBackAppend" as const }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("weather" as const),
      weather: fc.constantFrom<Weather>("fair", "lossy", "doubling", "shuffling", "away"),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: "crash" as const }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("faults" as const), count: fc.integer({ min: 1, max: 3 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("forgery" as const), payload: fc.json() }) },
);

const calmTimeoutMs = 8_000;

/** Lets it all happen to one stream, then waits until what was applied is what was appended: each once, in order. */
async function survives(
  happenings: Happening[],
  controls: ConsumerOptions["controls"],
  timeoutMs: number,
): Promise<void> {
  const stream = await rig.aStream(`property-${++runs}`, controls ? { controls } : {});
  let faults = 0;
  const unlucky = (): Consumer => {
    const consumer = stream.aConsumer({
      publisher: { publish: () => faults-- > 0 && crashNow() },
    });
    consumer.start();
    return consumer;
  };
  let consumer = unlucky();
  const replaced: Promise<void>[] = [];
  function crashNow(): void {
    throw new Unavailable("dependency_unavailable", "a fault after the commit", { retryAfterS: 1 });
  }
  async function allEchoed(withinMs: number): Promise<void> {
    const wanted = stream.appended.length;
    const isEchoed = async () => expect((await stream.echoed()).length).toBeGreaterThanOrEqual(wanted);
    await eventually(isEchoed, { timeoutMs: withinMs });
  }
  try {
    for (const it of happenings) {
      if (it.kind === "calm") await allEchoed(calmTimeoutMs);
      if (it.kind === "append") await stream.append(Array.from({ length: it.count }, (_, index) => index));
      if (it.kind === "rolledBackAppend") await rollBackAppend(stream.stream);
      if (it.kind === "weather") stream.turn(it.weather);
      if (it.kind === "faults") faults = it.count;
      if (it.kind === "forgery") stream.forge(`orderflow/v1/evt/${stream.stream}`, it.payload);
      if (it.kind === "crash") {
        await terminateBackends();
        replaced.push(consumer.stop());
        consumer = unlucky();
      }
    }
    stream.turn("fair");
    const wanted = stream.appended.map((event) => event.id);
    await allEchoed(timeoutMs);
    expect(await stream.applied()).toEqual(wanted);
    expect(await stream.echoed()).toEqual(wanted);
  } finally {
    await Promise.all([...replaced, consumer.stop()]);
  }
}

async function rollBackAppend(stream: string): Promise<void> {
  const fact = { stream, type: "said", key: "k", data: { value: "never" } };
  const rollback = rig.producer.sql.begin(async (tx) => {
    await appendEvents(tx, [fact]);
    throw new Error("rolled back");
  });
  await expect(rollback).rejects.toThrow("rolled back");
}

/** As a kill -9 of the process would: every connection of the listener is cut, in whatever it was doing. */
async function terminateBackends(): Promise<void> {
  await rig.producer.sql`
    select pg_terminate_backend(pid) from pg_stat_activity
    where datname = ${new URL(rig.listener.url).pathname.slice(1)} and pid <> pg_backend_pid()`;
}

const stories = fc.array(happening, { minLength: 5, maxLength: 25 });

test("whatever happens on the way, each event is applied exactly once and in order", async () => {
  const property = fc.asyncProperty(stories, (story) => survives(story, undefined, 8_000));
  await fc.assert(property, { numRuns: 20, endOnFailure: true });
}, 120_000);

/** A listener that begins anew reads what it missed, so that only one which goes on without a fault has a gap to fill. */
const withAGap = stories.map((story): Happening[] => [
  { kind: "append", count: 1 },
  { kind: "calm" },
  { kind: "weather", weather: "away" },
  { kind: "append", count: 3 },
  { kind: "weather", weather: "fair" },
  { kind: "append", count: 3 },
  ...story.filter(({ kind }) => kind === "append" || kind === "weather"),
]);

test("a gap is filled, and with gap-fill switched off it stays", async () => {
  await fc.assert(
    fc.asyncProperty(withAGap, (story) => survives(story, undefined, 8_000)),
    { numRuns: 2 },
  );
  const unfilled = fc.asyncProperty(withAGap, (story) => survives(story, { fillsGaps: false }, 1_500));
  const outcome = await fc.check(unfilled, { numRuns: 1, endOnFailure: true });
  expect(outcome.failed).toBe(true);
}, 60_000);
