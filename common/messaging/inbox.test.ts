import { describe, expect, test } from "bun:test";
import { toEnvelope } from "./envelope.ts";
import type { Event } from "./event.ts";
import { createInbox } from "./inbox.ts";

const logId = Bun.randomUUIDv7();
const start = { position: 0, eventId: null, logId: null };

function aChain(length: number): Event[] {
  const ids = Array.from({ length }, () => Bun.randomUUIDv7());
  return ids.map((id, index) => ({
    id,
    stream: "s",
    logId,
    position: index + 1,
    previousId: ids[index - 1] ?? null,
    type: "said",
    key: "k",
    time: new Date().toISOString(),
    data: {},
  }));
}

const message = (...events: Event[]) => Buffer.from(JSON.stringify(events.map(toEnvelope)));
const positions = (events: Event[]) => events.map((event) => event.position);

describe("an inbox", () => {
  test("gives what follows the cursor in order, however it came, and once", () => {
    const inbox = createInbox("s");
    const chain = aChain(4);
    for (const event of [chain[2], chain[0], chain[1], chain[0]]) if (event) inbox.receive(message(event), 0);
    expect(positions(inbox.takeFollowing(start, 500).events)).toEqual([1, 2, 3]);
    expect(inbox.takeFollowing(start, 500).events).toEqual([]);
  });

  test("stops before an event that names another predecessor, and drops it", () => {
    const inbox = createInbox("s");
    const [first, second] = aChain(2);
    if (!first || !second) throw new Error("a chain of two");
    inbox.receive(message(first, { ...second, previousId: Bun.randomUUIDv7() }), 0);
    expect(inbox.takeFollowing(start, 500)).toMatchObject({ events: [{ position: 1 }], isForeign: true });
    expect(inbox.size).toBe(0);
  });

  test("drops another log's events once the cursor belongs to a log", () => {
    const inbox = createInbox("s");
    const [first] = aChain(1);
    if (first) inbox.receive(message(first), 0);
    expect(inbox.takeFollowing({ ...start, logId: Bun.randomUUIDv7() }, 500)).toEqual({ events: [], isForeign: true });
  });

  test("holds no more than its bound", () => {
    const inbox = createInbox("s", 3);
    inbox.receive(message(...aChain(10)), 0);
    expect(inbox.size).toBe(3);
  });

  test("forgets a position past the head of a log that was read after it came, and keeps what came since", () => {
    const inbox = createInbox("s");
    const [forged, later] = aChain(2).map((event, index) => ({ ...event, position: 900 + index }));
    if (!forged || !later) throw new Error("two events");
    inbox.receive(message(forged), 0);
    const arrival = inbox.lastArrival;
    inbox.receive(message(later), 0);
    inbox.prune({ position: 0, head: 5, arrival });
    expect([inbox.has(900), inbox.has(901)]).toEqual([false, true]);
  });

  test.each(["not json", "{}", "[null]", "[[]]", '[{"specversion":"1.0"}]'])("throws at %p", (payload) => {
    expect(() => createInbox("s").receive(Buffer.from(payload), 0)).toThrow();
  });
});
