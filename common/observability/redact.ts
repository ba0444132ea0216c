import { serializeError } from "./serialize-error.ts";

const maxDepth = 6;
const maxItems = 50;
const mask = "[redacted]";
const secretName = /password|passwd|secret|token|authorization|cookie|credential|key/i;
/** These hold "key" or "token" in their name and are ids or counts, which one searches logs for. */
const harmlessName = /^(?:idempotency_?key|partition_?key|job_?key|key_?id|tokens?_?count)$/i;
const urlPassword = /(\b[a-z][a-z0-9+.-]*:\/\/[^\s:/@]*):[^\s/@]+@/gi;

/** A copy that is fit for a log: secrets masked by name, passwords cut out of URLs, errors whole, depth and lists bounded. */
export function redact(fields: Record<string, unknown>): Record<string, unknown> {
  return redactFields(fields, 0);
}

/** `postgres://name:secret@host` becomes `postgres://name:[redacted]@host`. */
export function redactText(text: string): string {
  return text.includes("://") ? text.replace(urlPassword, `$1:${mask}@`) : text;
}

function redactFields(fields: object, depth: number): Record<string, unknown> {
  const clean: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) {
    const isSecret = value !== undefined && secretName.test(name) && !harmlessName.test(name);
    clean[name] = isSecret ? mask : redactValue(value, depth + 1);
  }
  return clean;
}

function redactValue(value: unknown, depth: number): unknown {
  if (typeof value === "string") return redactText(value);
  if (typeof value === "bigint") return value.toString();
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Error) return redactFields(serializeError(value), depth);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "Invalid Date" : value.toISOString();
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (depth > maxDepth) return "[too deep]";
  if (!Array.isArray(value)) return redactFields(value, depth);
  const items = value.slice(0, maxItems).map((item) => redactValue(item, depth + 1));
  return value.length > maxItems ? [...items, `[${value.length - maxItems} more]`] : items;
}
