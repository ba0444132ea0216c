import { expect, test } from "bun:test";
import { Unavailable } from "@orderflow/common/errors";
import { newId } from "@orderflow/common/ids";
import { confirmOrder } from "../domain/confirm-order.ts";
import { anOrder } from "../testing/an-order.ts";
import { createOrderChanges } from "./order-changes.ts";

const never = 3_600_000;
const at = new Date("2026-11-21T12:00:00.000Z");

function changesWith({ pollMs = never, maxWatches = 10, version = 1 } = {}) {
  const asked: string[][] = [];
  const versions = async (ids: string[]) => {
    asked.push(ids);
    return new Map(ids.map((id) => [id, version]));
  };
  const changes = createOrderChanges({ versions, onError: () => undefined, pollMs, maxWatches });
  return { asked, changes, [Symbol.dispose]: () => changes.close() };
}

test("this process's own commit wakes who watches that order, at once", async () => {
  using subject = changesWith();
  const order = anOrder();
  using watch = subject.changes.watch(order.id);
  const woken = watch.changedSince(1, undefined);
  subject.changes.notify(appended(order.id));
  await woken;
});

test("a commit between reading and waiting is not missed", async () => {
  using subject = changesWith();
  const order = anOrder();
  using watch = subject.changes.watch(order.id);
  subject.changes.notify(appended(order.id));
  await watch.changedSince(1, undefined);
});

test("one query for all watched orders finds what others committed", async () => {
  using subject = changesWith({ pollMs: 5, version: 2 });
  const ids = [newId(), newId()];
  using first = subject.changes.watch(ids[0] ?? "");
  using second = subject.changes.watch(ids[1] ?? "");
  await Promise.all([first.changedSince(1, undefined), second.changedSince(1, undefined)]);
  expect(subject.asked[0]).toEqual(ids);
});

test("whoever goes away is woken and forgotten", async () => {
  using subject = changesWith({ maxWatches: 1 });
  const leaving = new AbortController();
  {
    using watch = subject.changes.watch(newId());
    const woken = watch.changedSince(1, leaving.signal);
    leaving.abort();
    await woken;
    expect(() => subject.changes.watch(newId())).toThrow(Unavailable);
  }
  using next = subject.changes.watch(newId());
  expect(next).toBeDefined();
});

function appended(orderId: string) {
  const place = { time: at.toISOString(), logId: newId(), position: 1, previousId: null };
  return confirmOrder(anOrder({ id: orderId }), at).facts.map((fact) => ({ ...fact, ...place, id: newId() }));
}
