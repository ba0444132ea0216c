import type { Broker, MessageHandler } from "../broker.ts";

/** What happens to the next messages. Each may be lost, come twice, late, or out of order. */
export type Weather = "fair" | "lossy" | "doubling" | "shuffling" | "away";

/** A broker in this process that keeps none of MQTT's promises, for tests of what must hold without them. */
export function createUnreliableBroker() {
  const handlers = new Map<string, Set<MessageHandler>>();
  const listeners = new Set<() => void>();
  let late: (() => void)[] = [];
  let weather: Weather = "fair";

  function deliver(topic: string, payload: string): void {
    for (const handle of handlers.get(topic) ?? []) handle(Buffer.from(payload), topic);
  }

  const broker: Broker = {
    isConnected: () => weather !== "away",
    async publish(topic, payload) {
      const now = () => deliver(topic, payload);
      if (weather === "fair") queueMicrotask(now);
      if (weather === "doubling") for (const _ of [1, 2]) queueMicrotask(now);
      if (weather === "shuffling") late.unshift(now);
      if (weather === "away") throw new Error("the broker is away");
    },
    subscribe(topic, handle) {
      const ofTopic = handlers.get(topic) ?? new Set();
      handlers.set(topic, ofTopic.add(handle));
      return () => ofTopic.delete(handle);
    },
    onConnect(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: () => Promise.resolve(),
  };

  return {
    broker,
    /** Anyone may write on a topic here. */
    forge: deliver,
    turn(next: Weather): void {
      weather = next;
      const due = late;
      late = [];
      for (const arrive of due) arrive();
      if (next !== "away") for (const listener of listeners) listener();
    },
  };
}
