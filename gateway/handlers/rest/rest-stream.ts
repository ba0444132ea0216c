type Chunk = { done: boolean; value?: Uint8Array | undefined };
type Reader = { read(): Promise<Chunk>; cancel(reason?: unknown): Promise<void> };

const patienceMs = 500;

export type OpenedStream =
  /** The error with which the procedure refused before it told anything, as tRPC words it. */
  { refusal: string } | { body: ReadableStream<Uint8Array> };

/**
 * Reads until a subscription has told or refused something: tRPC answers 200 before it knows, and a refusal as an
 * event would make an EventSource connect again for ever. One that stays silent is taken for accepted.
 */
export async function openStream(body: ReadableStream<Uint8Array>): Promise<OpenedStream> {
  const reader: Reader = body.getReader();
  const decoder = new TextDecoder();
  const held: Uint8Array[] = [];
  const silence = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => silence.resolve(undefined), patienceMs);
  let text = "";
  let pending: Promise<Chunk> | undefined;
  try {
    while (!hasTold(text)) {
      pending = reader.read();
      const chunk = await Promise.race([pending, silence.promise]);
      if (chunk === undefined) break;
      pending = undefined;
      if (chunk.value === undefined) break;
      held.push(chunk.value);
      text += decoder.decode(chunk.value, { stream: true });
    }
  } finally {
    clearTimeout(timer);
  }
  const refusal = refusalIn(text);
  if (refusal === undefined) return { body: goOn(held, pending, reader) };
  await reader.cancel();
  return { refusal };
}

function goOn(held: Uint8Array[], first: Promise<Chunk> | undefined, reader: Reader): ReadableStream<Uint8Array> {
  let pending = first;
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const chunk = held.shift();
      if (chunk) return controller.enqueue(chunk);
      const next = await (pending ?? reader.read());
      pending = undefined;
      if (next.value === undefined) controller.close();
      else controller.enqueue(next.value);
    },
    cancel: (reason) => reader.cancel(reason),
  });
}

/** Whole events but the greeting, `connected`. */
function eventsIn(text: string): string[] {
  return text
    .split("\n\n")
    .slice(0, -1)
    .map((event) => event.trim())
    .filter((event) => event !== "" && !event.startsWith("event: connected"));
}

function hasTold(text: string): boolean {
  return eventsIn(text).length > 0;
}

function refusalIn(text: string): string | undefined {
  const [first] = eventsIn(text);
  if (!first?.startsWith("event: serialized-error")) return undefined;
  return /^data: ?(.*)$/m.exec(first)?.[1];
}
