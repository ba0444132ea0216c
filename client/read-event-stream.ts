import { createParser } from "eventsource-parser";
import { networkError } from "./orderflow-error.ts";

export type StreamEvent = { event?: string | undefined; id?: string | undefined; data: string };

type Options = { signal: AbortSignal; silenceMs: () => number };

const maxEventLength = 4_194_304;

/** The events of an answer until it ends. Rejects when nothing, not even a ping, came for `silenceMs`. */
export async function* readEventStream(
  { body }: Response,
  { signal, silenceMs }: Options,
): AsyncGenerator<StreamEvent, void> {
  if (body === null) return;
  const held: StreamEvent[] = [];
  const parser = createParser({ onEvent: (event) => held.push(event), maxBufferSize: maxEventLength });
  const decoder = new TextDecoder();
  const reader = body.getReader();
  try {
    while (!signal.aborted) {
      const { done, value } = await inTime(reader.read(), silenceMs());
      if (done) return;
      parser.feed(decoder.decode(value, { stream: true }));
      yield* held.splice(0);
    }
  } finally {
    // Not awaited: a connection that is dead would not answer.
    reader.cancel().catch(() => undefined);
  }
}

async function inTime<Value>(promise: Promise<Value>, ms: number): Promise<Value> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(networkError(new Error(`nothing was heard for ${ms} ms`))), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
