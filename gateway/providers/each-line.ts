/** Reads an answer line by line, each as soon as it is there. Rejects when the other side breaks off. */
export async function eachLine(response: Response, read: (line: string) => void): Promise<void> {
  // It has a length when all of it was ready at once.
  if (response.headers.has("content-length") || response.body === null) {
    readLines(await response.text(), read);
    return;
  }
  const decoder = new TextDecoder();
  let held = "";
  for await (const bytes of response.body as ReadableStream<Uint8Array>) {
    const text = held + decoder.decode(bytes, { stream: true });
    held = readLines(text, read);
  }
}

/** What comes after the last line break is not whole, and is handed back. */
function readLines(text: string, read: (line: string) => void): string {
  let start = 0;
  for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", start)) {
    read(text.slice(start, end));
    start = end + 1;
  }
  return text.slice(start);
}
