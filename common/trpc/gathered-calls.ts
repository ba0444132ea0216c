/** Where a service takes several calls in one request, from the gateway alone. */
export const gatheredEndpoint = "/gathered";

/** Of one request. A call larger than `maxCallChars` travels alone. */
export const gatheredBounds = { maxCalls: 200, maxCallChars: 65_536, maxChars: 1_048_576, maxBodyBytes: 8_388_608 };

/** One of them, as it would have come by itself: by POST, with its caller's token, its ids, its trace and its deadline. */
export type GatheredCall = {
  /** Path and query, from the first slash on. */
  path: string;
  headers: Record<string, string>;
  body: string;
};

export type GatheredAnswer = { status: number; headers: Record<string, string>; body: string };

const answered = ["content-type", "vary", "cache-control", "retry-after", "etag", "x-accel-buffering"];

/** What a client is told of a service's answer. */
export function answerHeaders(from: Headers): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const name of answered) {
    const value = from.get(name);
    if (value !== null) headers[name] = value;
  }
  return headers;
}

export function writeGatheredCalls(calls: readonly GatheredCall[]): string {
  return JSON.stringify(calls);
}

/** Undefined for what is not such a list within its bounds. */
export function readGatheredCalls(text: string): GatheredCall[] | undefined {
  let calls: unknown;
  try {
    calls = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!Array.isArray(calls) || calls.length === 0 || calls.length > gatheredBounds.maxCalls) return undefined;
  return calls.every(isGatheredCall) ? calls : undefined;
}

/** A line for each answer, in any order, with the position of its call. */
export function writeGatheredAnswer(position: number, { status, headers, body }: GatheredAnswer): string {
  return `${JSON.stringify([position, status, headers, body])}\n`;
}

/** Throws when the line is not a whole answer: its service broke off. */
export function readGatheredAnswer(line: string): [position: number, answer: GatheredAnswer] {
  const [position, status, headers, body] = JSON.parse(line) as [number, number, Record<string, string>, string];
  return [position, { status, headers, body }];
}

function isGatheredCall(call: unknown): call is GatheredCall {
  if (typeof call !== "object" || call === null) return false;
  const { path, headers, body } = call as Partial<Record<keyof GatheredCall, unknown>>;
  if (typeof path !== "string" || !path.startsWith("/trpc/") || typeof body !== "string") return false;
  return typeof headers === "object" && headers !== null && Object.values(headers).every(isText);
}

function isText(value: unknown): boolean {
  return typeof value === "string";
}
