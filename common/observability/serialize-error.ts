import { sqlState } from "../database/sql-error.ts";

const maxCauses = 5;
const maxErrors = 10;
/** What PostgreSQL names of its schema. Its `detail`, `where` and `query` hold the caller's values and stay out. */
const plainProperties = ["code", "reason", "severity", "constraint", "table", "column", "routine", "syscall"] as const;

export type SerializedError = { type: string; message: string; stack?: string; [property: string]: unknown };

/** Whole, with its causes and SQLSTATE, but without SQL and its parameters. */
export function serializeError(error: unknown, depth = 0): SerializedError {
  if (!(error instanceof Error)) return { type: typeof error, message: String(error) };
  const serialized: SerializedError = { type: error.name, message: withoutParameters(error) };
  const frames = error.stack?.indexOf("\n    at ") ?? -1;
  if (error.stack && frames >= 0) serialized.stack = error.stack.slice(frames + 1);
  for (const name of plainProperties) {
    const value: unknown = Reflect.get(error, name);
    if (typeof value === "string") serialized[name] = value;
  }
  const state = sqlState(error);
  if (state) serialized.sqlState = state;
  if (depth >= maxCauses) return serialized;
  if (error.cause !== undefined) serialized.cause = serializeError(error.cause, depth + 1);
  if (error instanceof AggregateError) {
    serialized.errors = error.errors.slice(0, maxErrors).map((inner: unknown) => serializeError(inner, depth + 1));
  }
  return serialized;
}

/** Drizzle writes "Failed query: …\nparams: …": neither belongs in a log. */
function withoutParameters(error: Error): string {
  if (error.message.startsWith("Failed query:")) return "Failed query";
  return error.message;
}
