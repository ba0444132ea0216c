import { expect, test } from "bun:test";
import { endWith, whenRead } from "./end-with.ts";

/** A signal that says how many listen to it. */
function counted() {
  const controller = new AbortController();
  const { signal } = controller;
  let listeners = 0;
  const { addEventListener, removeEventListener } = signal;
  const known = new Set<unknown>();
  signal.addEventListener = (...args: Parameters<typeof addEventListener>) => {
    known.add(args[1]);
    listeners = known.size;
    addEventListener.apply(signal, args);
  };
  signal.removeEventListener = (...args: Parameters<typeof removeEventListener>) => {
    known.delete(args[1]);
    listeners = known.size;
    removeEventListener.apply(signal, args);
  };
  return { controller, signal, listeners: () => listeners };
}

test.each(["stopping", "request"] as const)("a stream ends with its %s, and nobody goes on listening", (which) => {
  const signals = { stopping: counted(), request: counted() };
  const { signal } = endWith(signals.stopping.signal, signals.request.signal);
  expect(signal.aborted).toBe(false);
  signals[which].controller.abort();
  expect(signal.aborted).toBe(true);
  expect([signals.stopping.listeners(), signals.request.listeners()]).toEqual([0, 0]);
});

test("a stream opened while the process stops ends at once", () => {
  expect(endWith(AbortSignal.abort(), new AbortController().signal).signal.aborted).toBe(true);
});

const bytes = new Uint8Array([1, 2, 3]);

test("a body read to its end lets go", async () => {
  const stopping = counted();
  const { release } = endWith(stopping.signal, new AbortController().signal);
  const body = whenRead(new Blob([bytes]).stream(), release);
  expect(stopping.listeners()).toBe(1);
  expect(new Uint8Array(await new Response(body).arrayBuffer())).toEqual(bytes);
  expect(stopping.listeners()).toBe(0);
});

test("a body that is given up, or breaks, lets go", async () => {
  let times = 0;
  const over = () => {
    times++;
  };
  await whenRead(new ReadableStream({ pull: (controller) => controller.enqueue(bytes) }), over).cancel();
  const broken = new ReadableStream<Uint8Array>({
    pull() {
      throw new Error("broken");
    },
  });
  await expect(new Response(whenRead(broken, over)).text()).rejects.toThrow("broken");
  expect(times).toBe(2);
});
