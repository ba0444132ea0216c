import type { TRPC_ERROR_CODE_KEY, TRPCError } from "@trpc/server";
import { isOutage } from "../database/sql-error.ts";
import { Refusal, refusalCodes, Unavailable } from "../errors.ts";
import { invalidFields } from "./invalid-fields.ts";
import type { Reason } from "./reason.ts";

/** What a caller may know of an error. */
export type PublicError = {
  code: TRPC_ERROR_CODE_KEY;
  message: string;
  reason?: Reason;
  /** Path of the input, joined by dots, to what is wrong with it. */
  fields?: Record<string, string[]>;
};

const outage = "dependency_unavailable";
const outageRetryAfterS = 1;

const reasons: Partial<Record<TRPC_ERROR_CODE_KEY, Reason>> = {
  PARSE_ERROR: "invalid_input",
  BAD_REQUEST: "invalid_input",
  UNAUTHORIZED: "unauthenticated",
  FORBIDDEN: "forbidden",
  METHOD_NOT_SUPPORTED: "method_not_supported",
  PAYLOAD_TOO_LARGE: "payload_too_large",
  UNSUPPORTED_MEDIA_TYPE: "unsupported_media_type",
  TOO_MANY_REQUESTS: "rate_limited",
  SERVICE_UNAVAILABLE: outage,
  GATEWAY_TIMEOUT: outage,
};

/** Refusals and bad input keep their words; a fault keeps none. `isKnown` is false for a procedure that does not exist. */
export function translateError(error: TRPCError, isKnown: boolean): PublicError {
  const { cause } = error;
  if (cause instanceof Refusal)
    return { code: refusalCodes[cause.reason], message: cause.message, reason: cause.reason };
  if (cause instanceof Unavailable)
    return { code: "SERVICE_UNAVAILABLE", message: cause.message, reason: cause.reason };
  if (isOutage(cause))
    return { code: "SERVICE_UNAVAILABLE", message: "Something this needs is away: try again", reason: outage };
  if (error.code === "INTERNAL_SERVER_ERROR") return { code: error.code, message: "Internal server error" };
  if (error.code === "BAD_REQUEST" && cause !== undefined) return translateBadInput(cause);
  if (error.code === "NOT_FOUND" && !isKnown)
    return { code: error.code, message: error.message, reason: "unknown_procedure" };
  const reason = reasons[error.code];
  return { code: error.code, message: error.message, ...(reason !== undefined && { reason }) };
}

/** Only a validator's words are meant for the caller; any other cause may quote what it should not. */
function translateBadInput(cause: Error): PublicError {
  const reason = "invalid_input";
  if (cause instanceof SyntaxError) return { code: "PARSE_ERROR", message: "The input is not valid JSON", reason };
  const fields = invalidFields(cause);
  if (fields === undefined) return { code: "BAD_REQUEST", message: "The input cannot be read", reason };
  return { code: "BAD_REQUEST", message: `The input is not valid: ${Object.keys(fields).join(", ")}`, reason, fields };
}

/** A fault is ours to look into; everything else is an answer. */
export function isFault(error: TRPCError): boolean {
  return (
    error.code === "INTERNAL_SERVER_ERROR" && !(error.cause instanceof Refusal) && !(error.cause instanceof Unavailable)
  );
}

/** Seconds after which to try again, the longest of those asked for. */
export function retryAfterS(errors: readonly (TRPCError | undefined)[]): number | undefined {
  const waits = errors.flatMap((error) => {
    if (error?.cause instanceof Unavailable) return [error.cause.retryAfterS];
    return isOutage(error?.cause) ? [outageRetryAfterS] : [];
  });
  return waits.length === 0 ? undefined : Math.max(...waits);
}
