import type { StreamHead, StreamHeads } from "../messaging/stream-heads.ts";

export type HeardHead = StreamHead & { heardAtMs: number };

/** Where the streams of one service ended when an instance of it last said so. */
export type HeardHeads = {
  of(stream: string): HeardHead | undefined;
  /** Called whenever there is news. Returns how to stop. */
  onHeard(listener: () => void): () => void;
};

export function createHeardHeads(nowMs: () => number) {
  let latest = new Map<string, HeardHead>();
  const listeners = new Set<() => void>();

  function replace(heads: StreamHeads): void {
    const heardAtMs = nowMs();
    latest = new Map(Object.entries(heads).map(([stream, head]) => [stream, { ...head, heardAtMs }]));
    for (const listener of listeners) listener();
  }

  return {
    of: (stream: string) => latest.get(stream),
    onHeard(listener: () => void) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    replace,
    /** Nothing vouches for an end from now on: who would have told of what comes next is gone. */
    forget: () => replace({}),
  };
}
