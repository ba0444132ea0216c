const headers = { "content-type": "application/x-ndjson" };

/**
 * An answer of `count` parts. Those that are ready at once, as calls are that were committed together, are written at once:
 * as a whole with its length when they are all, else as a stream, so that none waits for a later one.
 */
export function writeAsReady(count: number): { response: Promise<Response>; write: (part: string) => void } {
  const { promise: response, resolve: open } = Promise.withResolvers<Response>();
  let left = count;
  let ready = "";
  let isScheduled = false;
  let stream: Stream | undefined;

  function flush(): void {
    isScheduled = false;
    if (left === 0 && !stream) {
      open(new Response(ready, { headers }));
      return;
    }
    if (!stream) {
      stream = openStream();
      open(new Response(stream.body, { headers }));
    }
    stream.write(ready);
    ready = "";
    if (left === 0) stream.end();
  }

  return {
    response,
    write(part) {
      ready += part;
      left--;
      if (isScheduled) return;
      isScheduled = true;
      setImmediate(flush);
    },
  };
}

type Stream = ReturnType<typeof openStream>;

function openStream() {
  const encoder = new TextEncoder();
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  const body = new ReadableStream<Uint8Array>({
    start(given) {
      controller = given;
    },
    cancel() {
      controller = undefined; // Nobody reads any more: what is still written is for nobody.
    },
  });
  return {
    body,
    write: (text: string) => controller?.enqueue(encoder.encode(text)),
    end: () => controller?.close(),
  };
}
