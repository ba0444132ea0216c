import type { Headers } from "../callers.ts";
import type { FuzzRequest } from "./fuzz-request.ts";

export type Finding = { why: string; request: FuzzRequest; status: number; answer: string };

const timeoutMs = 30_000;
const firstBytesMs = 1_500;

/** What only somebody who can see inside could write. */
const insides = [
  /PostgresError|ERR_POSTGRES|SQLSTATE/,
  /syntax error at or near|duplicate key value|violates \S+ constraint|invalid input syntax|unterminated quoted/i,
  /\brelation "|\bcolumn "|\binsert into |\bselect .{1,80} from |\bupdate \w+ set /i,
  /node_modules|\/work\/|\/root\/|\/home\/|file:\/\/\/|bun:wrap/,
  /\.ts:\d+|\bat async |\n {4}at /,
  /Cannot read propert|is not a function|is not iterable|undefined is not|Maximum call stack|null is not an object/,
  /ECONNREFUSED|ENOENT|127\.0\.0\.1:\d/,
  /"stack"|"sql"|"errno"/,
];

/** Sends it and says what is wrong with the answer, if anything is. */
export async function sendRequest(
  gateway: string,
  request: FuzzRequest,
  credentials: Headers,
): Promise<{ status: number; finding?: Finding }> {
  const startedAt = performance.now();
  const { status, text } = await answerTo(gateway, request, credentials);
  const found = (why: string) => ({ status, finding: { why, request, status, answer: text.slice(0, 600) } });
  if (status === 0) return found(`no answer after ${Math.round(performance.now() - startedAt)} ms: ${text}`);
  if (status >= 500) return found(`answered ${status}`);
  const sent = `${safeDecode(request.path)} ${request.body ?? ""} ${JSON.stringify(request.headers)}`;
  const leak = insides
    .map((inside) => inside.exec(text)?.[0])
    .find((part) => part !== undefined && !sent.includes(part));
  if (leak !== undefined) return found(`shows ${JSON.stringify(leak)}`);
  if (/"httpStatus":5\d\d|"status":5\d\d/.test(text)) return found("holds an answer of 500 or more");
  return { status };
}

async function answerTo(gateway: string, { method, path, headers, body }: FuzzRequest, credentials: Headers) {
  const leaving = new AbortController();
  const timer = setTimeout(() => leaving.abort(), timeoutMs);
  try {
    const response = await fetch(gateway + path, {
      method,
      headers: { ...headers, ...credentials },
      ...(body !== undefined && { body }),
      redirect: "manual",
      signal: leaving.signal,
    });
    const isStream = response.headers.get("content-type")?.startsWith("text/event-stream");
    const text = isStream ? await firstBytes(response) : await response.text();
    return { status: response.status, text: `${JSON.stringify([...response.headers])}\n${text}` };
  } catch (error) {
    return { status: 0, text: error instanceof Error ? error.message : "unknown" };
  } finally {
    clearTimeout(timer);
    leaving.abort();
  }
}

/** A subscription goes on for ever: how it begins is enough. */
async function firstBytes(response: Response): Promise<string> {
  const reader = response.body?.getReader();
  const decoder = new TextDecoder();
  let text = "";
  const until = performance.now() + firstBytesMs;
  while (reader && performance.now() < until && !/\n\n.*\n\n/s.test(text)) {
    const rest = Bun.sleep(until - performance.now()).then(() => undefined);
    const chunk = await Promise.race([reader.read(), rest]);
    if (chunk?.value === undefined) break;
    text += decoder.decode(chunk.value, { stream: true });
  }
  void reader?.cancel().catch(() => {});
  return text;
}

function safeDecode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
