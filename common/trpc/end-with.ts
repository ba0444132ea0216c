import { onAbort } from "../http/on-abort.ts";

/**
 * A signal that also fires when `stopping` does, for one request's stream. `release` must follow when the stream is over:
 * AbortSignal.any with a signal as old as the process would keep 650 bytes for each request for ever (Bun 1.4.5).
 */
export function endWith(stopping: AbortSignal, request: AbortSignal): { signal: AbortSignal; release: () => void } {
  const controller = new AbortController();
  const end = () => {
    release();
    controller.abort();
  };
  const stopListening = onAbort(stopping, end);
  const release = () => {
    stopListening();
    request.removeEventListener("abort", end);
  };
  request.addEventListener("abort", end);
  if (stopping.aborted || request.aborted) end();
  return { signal: controller.signal, release };
}

/** The same body, with a call to `over` when it has been read to its end. */
export function whenRead(body: ReadableStream<Uint8Array>, over: () => void): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  return new ReadableStream({
    async pull(controller) {
      const chunk = await reader.read().catch((cause: unknown) => {
        over();
        throw cause;
      });
      if (!chunk.done) return controller.enqueue(chunk.value);
      over();
      controller.close();
    },
    cancel(reason) {
      over();
      return reader.cancel(reason);
    },
  });
}
