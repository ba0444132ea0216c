import { TRPCClientError } from "@trpc/client";
import type { Reason } from "./api.ts";

export type ErrorDetail = {
  reason: Reason;
  /** Of the answer; undefined when there was none. */
  httpStatus?: number | undefined;
  /** The procedure, such as `order.place`. */
  path?: string | undefined;
  /** Path of the input, joined by dots, to what is wrong with it. */
  fields?: Record<string, string[]> | undefined;
  /** What to quote when you ask the shop about it. */
  traceId?: string | undefined;
  /** Seconds after which the server wants to be asked again. */
  retryAfterS?: number | undefined;
  cause?: unknown;
};

/** Every call that fails does so with this. Branch on `reason`; a newer server may know reasons that are not in its type. */
export class OrderflowError extends Error {
  override readonly name = "OrderflowError";
  readonly reason: Reason;
  readonly httpStatus: number | undefined;
  readonly path: string | undefined;
  readonly fields: Record<string, string[]> | undefined;
  readonly traceId: string | undefined;
  readonly retryAfterS: number | undefined;

  constructor(message: string, { cause, ...detail }: ErrorDetail) {
    super(message, { cause });
    this.reason = detail.reason;
    this.httpStatus = detail.httpStatus;
    this.path = detail.path;
    this.fields = detail.fields;
    this.traceId = detail.traceId;
    this.retryAfterS = detail.retryAfterS;
  }
}

/** True also for an error of another copy of this package, for which `instanceof` is not. */
export function isOrderflowError(error: unknown): error is OrderflowError {
  return error instanceof Error && error.name === "OrderflowError" && "reason" in error;
}

type ErrorShape = { message: string; data: { reason?: Reason; httpStatus?: number } & Record<string, unknown> };

/** Whatever was thrown on the way of a call, in our words. */
export function toOrderflowError(cause: unknown, path?: string): OrderflowError {
  if (isOrderflowError(cause)) return cause;
  if (!(cause instanceof TRPCClientError)) return networkError(cause, path);
  if (isOrderflowError(cause.cause)) return cause.cause;
  const response = cause.meta?.response;
  const answer = response instanceof Response ? response : undefined;
  if (isErrorShape(cause.shape)) return errorOfShape(cause.shape, { path, answer });
  return answer ? errorOfStatus(answer, path) : networkError(cause.cause ?? cause, path);
}

type Place = { path?: string | undefined; answer?: Response | undefined };

/** The server's own words: what its error formatter made. */
export function errorOfShape({ message, data }: ErrorShape, { path, answer }: Place): OrderflowError {
  const { reason, httpStatus = answer?.status, fields, traceId } = data;
  return new OrderflowError(message, {
    reason: reason ?? reasonOfStatus(httpStatus),
    httpStatus,
    path: typeof data.path === "string" ? data.path : path,
    fields: fields as ErrorDetail["fields"],
    traceId: traceId as string | undefined,
    retryAfterS: answer && retryAfterS(answer.headers),
  });
}

export function isErrorShape(value: unknown): value is ErrorShape {
  if (typeof value !== "object" || value === null || !("message" in value) || !("data" in value)) return false;
  return typeof value.message === "string" && typeof value.data === "object" && value.data !== null;
}

/** What did not come from our server, such as a proxy's page. */
export function errorOfStatus({ status, headers }: Response, path?: string): OrderflowError {
  const detail = { reason: reasonOfStatus(status), httpStatus: status, path, retryAfterS: retryAfterS(headers) };
  return new OrderflowError(`The answer was ${status} and not one of the API`, detail);
}

export function networkError(cause: unknown, path?: string): OrderflowError {
  const words = cause instanceof Error ? cause.message : String(cause);
  return new OrderflowError(`No answer came: ${words}`, { reason: "network_error", path, cause });
}

function reasonOfStatus(status: number | undefined): Reason {
  if (status === 401) return "unauthenticated";
  if (status === 403) return "forbidden";
  if (status === 429) return "rate_limited";
  if (status === 502 || status === 503 || status === 504) return "dependency_unavailable";
  return status !== undefined && status >= 500 ? "internal_error" : "unreadable_answer";
}

/** Seconds or an HTTP date (RFC 9110, section 10.2.3). */
export function retryAfterS(headers: Headers): number | undefined {
  const value = headers.get("retry-after");
  if (value === null) return undefined;
  const seconds = /^\d+$/.test(value) ? Number(value) : (Date.parse(value) - Date.now()) / 1_000;
  return Number.isFinite(seconds) ? Math.max(0, seconds) : undefined;
}
