import { restoreName, restoreNamesInJsonLine } from "../../domain/restore-names.ts";

type Rename = (line: string) => string;
type Reader = { read(): Promise<{ value?: Uint8Array | undefined }> };

/** A line longer than this passes unread: nobody holds an unbounded line for a name in an error. */
const maxHeldLength = 1_048_576;

/**
 * Passes a streamed answer on line by line, with the service's name back in its errors. When the service breaks off,
 * the stream ends: its reader connects again, or misses an answer and says so. `onEnd` is called once, however it ends.
 */
export function renameLines(
  stream: ReadableStream<Uint8Array>,
  rename: Rename,
  onEnd: () => void,
): ReadableStream<Uint8Array> {
  const reader = stream.getReader();
  const lines = createLines(rename);
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      for (;;) {
        const bytes = await readNext(reader);
        const renamed = bytes === undefined ? lines.rest() : lines.next(bytes);
        if (renamed.byteLength > 0) controller.enqueue(renamed);
        if (bytes === undefined) {
          onEnd();
          controller.close();
        }
        if (bytes === undefined || renamed.byteLength > 0) return;
      }
    },
    async cancel(reason) {
      onEnd();
      await reader.cancel(reason);
    },
  });
}

/** Undefined at the end, also at one that came too early. */
async function readNext(reader: Reader): Promise<Uint8Array | undefined> {
  try {
    return (await reader.read()).value;
  } catch {
    return undefined;
  }
}

function createLines(rename: Rename) {
  const decoder = new TextDecoder();
  const encoder = new TextEncoder();
  let held = "";
  return {
    next(bytes: Uint8Array): Uint8Array {
      const text = held + decoder.decode(bytes, { stream: true });
      const end = text.length > maxHeldLength ? text.length : text.lastIndexOf("\n") + 1;
      held = text.slice(end);
      return encoder.encode(renameAll(text.slice(0, end), rename));
    },
    rest: (): Uint8Array => encoder.encode(renameAll(held + decoder.decode(), rename)),
  };
}

export function jsonLineRename(service: string): Rename {
  return (line) => unlessUnreadable(line, () => restoreNamesInJsonLine(line, service));
}

/** In server-sent events only the data of a `serialized-error` is an error of the library's. */
export function eventStreamRename(service: string): Rename {
  let isError = false;
  return (line) => {
    if (line.startsWith("event:")) isError = line.slice(6).trim() === "serialized-error";
    if (line === "") isError = false;
    if (!isError || !line.startsWith("data:")) return line;
    return unlessUnreadable(line, () => {
      const error: unknown = JSON.parse(line.slice(5));
      restoreName(error, service);
      return `data: ${JSON.stringify(error)}`;
    });
  };
}

function renameAll(text: string, rename: Rename): string {
  return text.split("\n").map(rename).join("\n");
}

/** What is not JSON goes to the client as the service wrote it. */
function unlessUnreadable(line: string, rename: () => string): string {
  try {
    return rename();
  } catch {
    return line;
  }
}
