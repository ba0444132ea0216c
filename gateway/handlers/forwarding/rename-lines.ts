import { restoreName, restoreNamesInJsonLine } from "../../domain/restore-names.ts";

type Rename = (line: string) => string;

/** A line longer than this passes unread: nobody holds an unbounded line for a name in an error. */
const maxHeldLength = 1_048_576;

/** Passes a streamed answer on line by line, with the service's name back in its errors. `onEnd` is called when the service is done. */
export function renameLines(stream: ReadableStream<Uint8Array>, rename: Rename, onEnd: () => void): ReadableStream<Uint8Array> {
  const decoder = new TextDecoder();
  const encoder = new TextEncoder();
  let held = "";
  const transform = new TransformStream<Uint8Array, Uint8Array>({
    transform(bytes, controller) {
      const text = held + decoder.decode(bytes, { stream: true });
      const end = text.length > maxHeldLength ? text.length : text.lastIndexOf("\n") + 1;
      held = text.slice(end);
      if (end > 0) controller.enqueue(encoder.encode(renameAll(text.slice(0, end), rename)));
    },
    flush(controller) {
      onEnd();
      const rest = held + decoder.decode();
      if (rest !== "") controller.enqueue(encoder.encode(renameAll(rest, rename)));
    },
  });
  return stream.pipeThrough(transform);
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
