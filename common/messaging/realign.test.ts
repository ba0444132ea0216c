import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { eventually } from "@orderflow/tools/testing/eventually";
import type { Consumer, ConsumerOptions } from "./consumer.ts";
import { findFork } from "./find-fork.ts";
import { realign } from "./realign.ts";
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

const haltMs = 5_000;

/** A consumer that applied `count` events, and a producer that can be put back to an older state. */
async function aFollowedStream(count: number, overrides: Partial<ConsumerOptions> = {}) {
  const stream = await rig.aStream(`fork-${++names}`, overrides);
  const name = stream.stream;
  await stream.append(Array.from({ length: count }, (_, n) => n));
  const consumer = stream.aConsumer();
  started.push(consumer);
  consumer.start();
  await eventually(() => consumer.status().position === count, { timeoutMs: 10_000 });
  return {
    ...stream,
    consumer,
    ends: { consumer: rig.listener.sql, producer: rig.producer.sql, stream: name },
    /** What a restore of an older copy does: events and positions are gone, the log id is the same. */
    async rewind(to: number) {
      await rig.producer.sql.begin(async (tx) => {
        await tx`update stream set head = ${to}, before_id = null,
          last_id = (select id from event where stream = ${name} and position = ${to}) where name = ${name}`;
        await tx`delete from event where stream = ${name} and position > ${to}`;
      });
    },
    noted: async () => {
      const rows: object[] = await rig.listener.sql`
        select position::int as position, id, type, key from lost_event where stream = ${name} order by 1`;
      return rows.map((row) => ({ ...row }));
    },
    halts: () => eventually(() => consumer.status().haltedBecause ?? "", { timeoutMs: haltMs }),
    appliedAfter: async (n: number) => (await stream.applied()).slice(n),
  };
}

describe("a producer that was put back to an older copy", () => {
  test("is noticed under load within 5 s; both histories are shown, and brought together without a loss or a double", async () => {
    const stream = await aFollowedStream(200);
    let isLoading = true;
    const load = (async () => {
      for (let n = 0; isLoading; n++) await stream.append([`load ${n}`]);
    })();
    await eventually(() => stream.consumer.status().position > 300);
    const rewoundAt = performance.now();
    await stream.rewind(150);
    const reason = await stream.halts();
    expect(performance.now() - rewoundAt).toBeLessThan(haltMs);
    expect(reason).toMatch(/history was rewritten|ends at|does not follow/);
    isLoading = false;
    await load;

    const before = await stream.applied();
    const fork = await findFork(stream.ends);
    expect(fork).toMatchObject({ state: "forked", lastCommon: 150, cursor: { position: before.length } });
    expect(fork.lost.map(({ id }) => id)).toEqual(before.slice(150));
    expect(fork.lost[0]).toMatchObject({ position: 151, type: "said", key: "k" });

    await realign(stream.ends, "operator");
    const history = await rig.producer.sql`
      select id from event where stream = ${stream.stream} and position > 150 order by position`;
    const since = [...history].map(({ id }: { id: string }) => id);
    await eventually(async () => expect(await stream.appliedAfter(before.length)).toEqual(since), {
      timeoutMs: 10_000,
    });
    expect(new Set(await stream.applied()).size).toBe(before.length + since.length);
    expect(stream.consumer.status().haltedBecause).toBeUndefined();
    expect(await findFork(stream.ends)).toMatchObject({ state: "continues", lost: [] });
    expect(await stream.noted()).toEqual(fork.lost);
  }, 40_000);

  test("can fork in the middle of a batch, at its first position, and again after it was brought together", async () => {
    const stream = await aFollowedStream(40);
    for (const to of [17, 9, 0]) {
      await stream.rewind(to);
      await stream.append(["new", "new", "new"]);
      await stream.halts();
      expect(await realign(stream.ends, "operator")).toMatchObject({ lastCommon: to });
      await eventually(() => stream.consumer.status().position === to + 3, { timeoutMs: 10_000 });
    }
  }, 40_000);

  test("takes its dead letters along, for their positions are used again", async () => {
    const apply: ConsumerOptions["apply"] = async (_tx, events) => {
      for (const { data } of events) if ((data as { value: unknown }).value === 7) throw new Error("seven");
      return [];
    };
    const stream = await aFollowedStream(10, { apply });
    await stream.rewind(5);
    await stream.append([7]);
    await stream.halts();
    await realign(stream.ends, "operator-1");
    await eventually(
      async () => {
        const [row] = await rig.listener
          .sql`select dead_letters, position::int from cursor where stream = ${stream.stream}`;
        expect({ ...row }).toEqual({ dead_letters: 1, position: 6 });
      },
      { timeoutMs: 10_000 },
    );
    const kept = await rig.listener.sql`
      select position::int as position, discarded_by from discarded_dead_letter where stream = ${stream.stream} order by position`;
    expect(kept.length).toBeGreaterThan(0);
    expect(kept[0]).toEqual({ position: 8, discarded_by: "operator-1" });
    // What was parked or failed did nothing that could stay.
    const undone = kept.map(({ position }: { position: number }) => position);
    const noted = await rig.listener
      .sql`select position::int as position from lost_event where stream = ${stream.stream}`;
    expect([...undone, ...noted.map(({ position }: { position: number }) => position)].sort((a, b) => a - b)).toEqual([
      6, 7, 8, 9, 10,
    ]);
    expect(undone).not.toContain(noted[0]?.position);
  });
});

describe("what cannot be brought together is refused", () => {
  test("when the fork lies before what the consumer remembers", async () => {
    const stream = await aFollowedStream(20);
    await rig.listener.sql`delete from cursor_trail where stream = ${stream.stream}`;
    await stream.rewind(5);
    await stream.halts();
    expect(await findFork(stream.ends)).toMatchObject({ state: "forked", lastCommon: undefined });
    await expect(realign(stream.ends, "operator")).rejects.toThrow("forked before what is remembered");
  });

  test("and a consumer that is well is left alone", async () => {
    const stream = await aFollowedStream(20);
    expect(await realign(stream.ends, "operator")).toMatchObject({ state: "continues" });
    await stream.append(["on"]);
    await eventually(() => stream.consumer.status().position === 21);
  });
});
