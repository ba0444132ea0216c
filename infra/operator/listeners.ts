import { UsageError } from "../usage-error.ts";

/** Who applies which stream, and who produces it. */
export const listeners = {
  order: ["inventory", "notify", "worker"],
  "order.commands.worker": ["worker"],
  inventory: ["order", "notify"],
  worker: ["order", "inventory"],
} as const;

export type Stream = keyof typeof listeners;
export type Listener = (typeof listeners)[Stream][number];

export function streamOf(name: string | undefined): Stream {
  const stream = (Object.keys(listeners) as Stream[]).find((known) => known === name);
  if (stream) return stream;
  throw new UsageError(`--stream is one of ${Object.keys(listeners).join(", ")}.`);
}

export function producerOf(stream: Stream): "order" | "inventory" | "worker" {
  return stream === "order.commands.worker" ? "order" : stream;
}

/** All that listen to the stream, or the one that is named. */
export function listenersOf(stream: Stream, name?: string): Listener[] {
  const all: readonly Listener[] = listeners[stream];
  if (name === undefined) return [...all];
  const one = all.find((listener) => listener === name);
  if (one) return [one];
  throw new UsageError(`${name} does not listen to ${stream}: ${all.join(", ")} do.`);
}
