import { afterEach, expect, test } from "bun:test";
import { newId } from "@orderflow/common/ids";
import { eventually } from "@orderflow/tools/testing/eventually";
import { fakeLog } from "../testing/fake-log.ts";
import { followLog } from "./follow-log.ts";
import { type LogPlace, placeOf, readPlace, writePlace } from "./log-place.ts";
import { createLogTail } from "./log-tail.ts";

const never = 3_600_000;
const leavings: AbortController[] = [];
afterEach(() => {
  for (const leaving of leavings.splice(0)) leaving.abort();
});

function aLog({ pollMs = never, maxEvents = 1_000, events = 0 } = {}) {
  const log = fakeLog();
  log.append(events);
  const tail = createLogTail({ readPage: log.readPage, onError: () => undefined, pollMs, maxEvents });
  return { log, tail };
}

type Subject = ReturnType<typeof aLog>;

/** Follows in the background. `places` holds null for the place at which it began. */
function follow({ log, tail }: Subject, from?: LogPlace, maxBacklog?: number) {
  const leaving = new AbortController();
  leavings.push(leaving);
  const seen = { places: [] as (number | null)[], error: undefined as unknown, isOver: false };
  const run = async () => {
    const steps = followLog({
      tail,
      readPage: log.readPage,
      from,
      signal: leaving.signal,
      ...(maxBacklog && { maxBacklog }),
    });
    for await (const { event } of steps) seen.places.push(event?.position ?? null);
  };
  void run()
    .catch((error: unknown) => {
      seen.error = error;
    })
    .finally(() => {
      seen.isOver = true;
    });
  return Object.assign(seen, { leave: () => leaving.abort() });
}

const upTo = (last: number, from = 1) => Array.from({ length: last - from + 1 }, (_, index) => from + index);

test("without a place it begins at the end, says where that is, and goes on with what is appended here, at once", async () => {
  const subject = aLog({ events: 3 });
  const seen = follow(subject);
  await eventually(() => expect(seen.places).toEqual([null]));
  subject.log.append(2);
  subject.tail.notify();
  await eventually(() => expect(seen.places).toEqual([null, 4, 5]));
});

test("what came while the log could not be read is told as soon as it can be", async () => {
  const log = fakeLog();
  log.append(1);
  let isAway = true;
  const readPage = (after: number, limit: number) =>
    isAway ? Promise.reject(new Error("cut")) : log.readPage(after, limit);
  const tail = createLogTail({ readPage, onError: () => undefined, pollMs: never, maxEvents: 1_000 });
  const seen = follow({ log, tail }, { position: 0 });
  await eventually(() => expect(seen.places).toEqual([1]));
  log.append(1);
  isAway = false;
  tail.notify();
  await eventually(() => expect(seen.places).toEqual([1, 2]));
});

test("what another process appends is noticed within the poll", async () => {
  const subject = aLog({ pollMs: 10 });
  const seen = follow(subject);
  await eventually(() => expect(seen.places).toEqual([null]));
  subject.log.append();
  await eventually(() => expect(seen.places).toEqual([null, 1]));
});

test("from a place on, each event comes once and in order, however much is appended meanwhile", async () => {
  const subject = aLog({ events: 1_300, pollMs: 1, maxEvents: 100 });
  const [first] = subject.log.events;
  if (!first) throw new Error("the log is empty");
  const followers = [
    follow(subject, placeOf(first)),
    follow(subject, { position: 700 }),
    follow(subject, { position: 0 }),
  ];
  for (let round = 0; round < 20; round++) {
    subject.log.append(37);
    subject.tail.notify();
    await Bun.sleep(0);
  }
  const [resumed, later, whole] = followers;
  await eventually(() => expect(followers.map(({ places }) => places.at(-1))).toEqual([2_040, 2_040, 2_040]));
  expect(resumed?.places).toEqual(upTo(2_040, 2));
  expect(later?.places).toEqual(upTo(2_040, 701));
  expect(whole?.places).toEqual(upTo(2_040));
});

test("many followers cost one read of each append", async () => {
  const subject = aLog();
  const followers = Array.from({ length: 200 }, () => follow(subject));
  await eventually(() => expect(followers.every(({ places }) => places.length === 1)).toBe(true));
  const { reads } = subject.log;
  for (let round = 1; round <= 10; round++) {
    subject.log.append();
    subject.tail.notify();
    await eventually(() => expect(followers.every(({ places }) => places.at(-1) === round)).toBe(true));
  }
  expect(subject.log.reads - reads).toBeLessThanOrEqual(20);
});

test.each([
  ["was pruned", (subject: Subject) => subject.log.prune(5), { position: 3 }],
  ["is past the end", () => undefined, { position: 21 }],
  ["holds another event", () => undefined, { position: 3, eventId: newId() }],
  ["is further back than is sent again", () => undefined, { position: 9 }],
])("a place that %s is refused", async (_, prepare, from) => {
  const subject = aLog({ events: 20 });
  prepare(subject);
  const seen = follow(subject, from, 10);
  await eventually(() => expect(seen.error).toMatchObject({ reason: "feed_expired" }));
  expect(seen.places).toEqual([]);
});

test("a place whose event is the last one kept is good", async () => {
  const subject = aLog({ events: 20 });
  subject.log.prune(15);
  const seen = follow(subject, { position: 15 });
  await eventually(() => expect(seen.places).toEqual(upTo(20, 16)));
});

test("a log that goes back and on differently under its followers is noticed", async () => {
  const subject = aLog({ events: 5 });
  const seen = follow(subject);
  await eventually(() => expect(seen.places).toEqual([null]));
  subject.log.cut(2);
  subject.log.append(4);
  subject.tail.notify();
  await eventually(() => expect(seen.error).toMatchObject({ reason: "feed_expired" }));
});

test("who leaves ends, and nothing is read while nobody follows", async () => {
  const subject = aLog({ pollMs: 1 });
  const seen = follow(subject);
  await eventually(() => expect(seen.places).toEqual([null]));
  seen.leave();
  await eventually(() => expect(seen.isOver).toBe(true));
  const { reads } = subject.log;
  subject.tail.notify();
  await Bun.sleep(10);
  expect(subject.log.reads).toBe(reads);
  expect(seen.error).toBeUndefined();
});

test("a place is written and read back", () => {
  const place = { position: 12, eventId: newId() };
  expect(readPlace(writePlace(place))).toEqual(place);
  expect(readPlace("12")).toEqual({ position: 12, eventId: undefined });
  expect(writePlace({ position: 0 })).toBe("0");
});
