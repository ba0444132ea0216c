/** An answer as a service words it: errors name the procedure without the service, which a client does not know by that name. */
type ErrorShape = { data: { path?: unknown } };

/** Puts the service's name before the path in each error of a JSON answer, single or batched. Changes `answer` itself. */
export function restoreNames(answer: unknown, service: string): void {
  for (const item of Array.isArray(answer) ? answer : [answer]) {
    if (isRecord(item)) restoreName(item.error, service);
  }
}

/** The same for one error. Anything that is no error shape stays as it is. */
export function restoreName(error: unknown, service: string): void {
  if (!isErrorShape(error)) return;
  if (typeof error.data.path === "string") error.data.path = `${service}.${error.data.path}`;
}

/** Changes one line of a jsonl answer: the head, or `[chunk id, status, value]`. */
export function restoreNamesInJsonLine(line: string, service: string): string {
  if (!line.includes('"path":')) return line;
  const chunk: unknown = JSON.parse(line);
  const values = Array.isArray(chunk) ? [chunk[2]] : isRecord(chunk) ? Object.values(chunk) : [];
  for (const value of values) {
    // A rejected promise holds the bare shape, a settled call is encoded as [[{ error }]].
    restoreName(value, service);
    if (Array.isArray(value) && Array.isArray(value[0])) restoreNames(value[0], service);
  }
  return JSON.stringify(chunk);
}

function isErrorShape(value: unknown): value is ErrorShape {
  return isRecord(value) && typeof value.message === "string" && typeof value.code === "number" && isRecord(value.data);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
