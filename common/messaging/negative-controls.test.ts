import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { eventually } from "@orderflow/tools/testing/eventually";
import type { Consumer, ConsumerOptions } from "./consumer.ts";
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

/** A consumer that has applied three events. */
async function aFollowedStream(controls?: ConsumerOptions["controls"]) {
  const stream = await rig.aStream(`control-${++names}`, controls ? { controls } : {});
  const consumer = stream.aConsumer();
  started.push(consumer);
  consumer.start();
  await stream.append([1, 2, 3]);
  await eventually(async () => expect(await stream.applied()).toHaveLength(3));
  return { ...stream, consumer };
}

/** Positions are used again, and the new history grows past where the consumer stands. */
async function rewindAndGoOn(stream: Awaited<ReturnType<typeof aFollowedStream>>): Promise<void> {
  await stream.rewind(1);
  await stream.append([20, 30, 40, 50]);
}

describe("a producer that was put back", () => {
  test("stops its consumer, which applies nothing of the new history", async () => {
    const stream = await aFollowedStream();
    await rewindAndGoOn(stream);
    await eventually(() => stream.consumer.status().haltedBecause ?? "");
    expect(await stream.applied()).toHaveLength(3);
  });

  test("without the check of the chain loses events in silence", async () => {
    const stream = await aFollowedStream({ checksChain: false });
    await rewindAndGoOn(stream);
    await eventually(async () => expect(await stream.reach()).toEqual({ cursor: 5, head: 5 }));
    const [applied, logged] = [await stream.applied(), await stream.logged()];
    expect(stream.consumer.status().haltedBecause).toBeUndefined();
    expect(logged.filter((id) => !applied.includes(id))).toHaveLength(2);
  });
});

describe("an event whose commit never came", () => {
  test("is applied by nobody, for it is told after its commit", async () => {
    const stream = await aFollowedStream();
    await stream.append([4]);
    await eventually(async () => expect(await stream.applied()).toEqual(await stream.logged()));
    expect(await stream.reach()).toEqual({ cursor: 4, head: 4 });
  });

  test("told before its commit is applied, and leaves the cursor past the head", async () => {
    const stream = await aFollowedStream();
    const told = await stream.publishThenRollBack(["never"]);
    await eventually(async () => expect(await stream.applied()).toEqual(expect.arrayContaining(told)));
    expect(await stream.logged()).not.toContain(told[0]);
    expect(await stream.reach()).toEqual({ cursor: 4, head: 3 });
  });
});
