import { describe, expect, test } from "bun:test";
import { Refusal, Unavailable } from "../errors.ts";
import { currentDeadline, underDeadline } from "../resilience/deadline.ts";
import { createGroupCommit } from "./group-commit.ts";

/** Runs whose end the test decides. */
function aGate() {
  const batches: { items: number[]; open: () => void }[] = [];
  const run = async (items: number[]) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    batches.push({ items, open: resolve });
    await promise;
    return items.map((item) => item * 10);
  };
  return { batches, run };
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe("group commit", () => {
  test("what arrives together is one batch, answered item by item", async () => {
    const sizes: number[] = [];
    const commit = createGroupCommit({
      name: "t",
      run: async (items: number[]) => {
        sizes.push(items.length);
        return items.map((item) => item + 1);
      },
    });
    expect(await Promise.all([1, 2, 3].map(commit))).toEqual([2, 3, 4]);
    expect(sizes).toEqual([3]);
  });

  test("runs at most two lanes; what comes meanwhile is the next batch", async () => {
    const { batches, run } = aGate();
    const commit = createGroupCommit({ name: "t", run, maxBatch: 2 });
    const answers = [1, 2, 3, 4, 5, 6, 7].map(commit);
    for (let turns = 0; turns < 5; turns++) await turn();
    expect(batches.map(({ items }) => items)).toEqual([
      [1, 2],
      [3, 4],
    ]);
    batches[1]?.open();
    for (let turns = 0; turns < 5; turns++) await turn();
    expect(batches[2]?.items).toEqual([5, 6]);
    batches[0]?.open();
    batches[2]?.open();
    for (let turns = 0; turns < 5; turns++) await turn();
    batches[3]?.open();
    expect(await Promise.all(answers)).toEqual([10, 20, 30, 40, 50, 60, 70]);
  });

  test("whoever stopped waiting is not served, and a batch has the time of whoever waits longest", async () => {
    const { batches, run } = aGate();
    const deadlines: number[] = [];
    const commit = createGroupCommit({
      name: "t",
      run: (items: number[]) => {
        deadlines.push(currentDeadline());
        return run(items);
      },
      lanes: 1,
    });
    const accepted = [commit(1)];
    await turn();
    const now = performance.now();
    const late = underDeadline(now - 1, () => commit(2));
    const patient = underDeadline(now + 60_000, () => commit(3));
    const hurried = underDeadline(now + 30_000, () => commit(4));
    batches[0]?.open();
    await expect(late).rejects.toMatchObject({ code: "GATEWAY_TIMEOUT" });
    for (let turns = 0; turns < 3; turns++) await turn();
    batches[1]?.open();
    expect(await Promise.all([...accepted, patient, hurried])).toEqual([10, 30, 40]);
    expect(batches.map(({ items }) => items)).toEqual([[1], [3, 4]]);
    expect(deadlines).toEqual([Number.POSITIVE_INFINITY, now + 60_000]);
  });

  test("past its queue it refuses at once, with the time to come back", async () => {
    const { batches, run } = aGate();
    const commit = createGroupCommit({ name: "t", run, lanes: 1, maxBatch: 1, maxQueue: 2 });
    const accepted = [commit(1)];
    await turn();
    accepted.push(commit(2), commit(3));
    const refused = commit(4);
    await expect(refused).rejects.toMatchObject({ name: "Unavailable", reason: "overloaded", retryAfterS: 1 });
    for (let n = 0; n < 3; n++) {
      batches[n]?.open();
      for (let turns = 0; turns < 5; turns++) await turn();
    }
    expect(await Promise.all(accepted)).toEqual([10, 20, 30]);
  });

  test("an answer that is an error refuses that item alone", async () => {
    const refusal = new Refusal("out_of_stock", "no");
    const commit = createGroupCommit({
      name: "t",
      run: async (items: number[]) => items.map((item) => (item === 2 ? refusal : item)),
    });
    const settled = await Promise.allSettled([1, 2, 3].map(commit));
    expect(settled).toMatchObject([{ value: 1 }, { reason: refusal }, { value: 3 }]);
  });

  test("a batch that fails is halved until the culprit stands alone", async () => {
    const commit = createGroupCommit({
      name: "t",
      run: async (items: number[]) => {
        if (items.includes(5)) throw new TypeError("5 breaks the batch");
        return items;
      },
    });
    const settled = await Promise.allSettled([1, 2, 3, 4, 5, 6, 7].map(commit));
    expect(settled.map(({ status }, index) => (status === "rejected" ? index + 1 : 0)).filter(Boolean)).toEqual([5]);
  });

  test("a fault fails the batch at once, as a dependency that is away, without trying each item", async () => {
    let runs = 0;
    const commit = createGroupCommit({
      name: "t",
      run: async () => {
        runs++;
        throw Object.assign(new Error("gone"), { errno: "57P01" });
      },
    });
    const settled = await Promise.allSettled([1, 2, 3].map(commit));
    expect(settled.map((each) => each.status === "rejected" && each.reason instanceof Unavailable)).toEqual([
      true,
      true,
      true,
    ]);
    expect(runs).toBe(1);
  });

  test("a batch that never comes to an end takes the process down, once", async () => {
    const left = Promise.withResolvers<number>();
    const codes: number[] = [];
    const exit = (code: number) => {
      codes.push(code);
      left.resolve(code);
    };
    const { batches, run } = aGate();
    const commit = createGroupCommit({ name: "t", run, deadline: { ms: 5, exit } });
    const answer = commit(1);
    expect(await left.promise).toBe(70);
    batches[0]?.open();
    expect(await answer).toBe(10);
    expect(codes).toEqual([70]);
  });
});
