import { Unavailable } from "@orderflow/common/errors";
import type { Reason } from "@orderflow/common/trpc/reason";
import { TRPCError } from "@trpc/server";
import { getHTTPStatusCodeFromError } from "@trpc/server/http";
import { type TRPC_ERROR_CODE_KEY, TRPC_ERROR_CODES_BY_KEY } from "@trpc/server/rpc";
import { MissingScope } from "../authentication/require-scopes.ts";
import { TooMany } from "../limits/too-many.ts";

const reasons: Partial<Record<TRPC_ERROR_CODE_KEY, Reason>> = {
  PARSE_ERROR: "invalid_input",
  BAD_REQUEST: "invalid_input",
  UNAUTHORIZED: "unauthenticated",
  FORBIDDEN: "forbidden",
  NOT_FOUND: "unknown_procedure",
  METHOD_NOT_SUPPORTED: "method_not_supported",
  PAYLOAD_TOO_LARGE: "payload_too_large",
  UNSUPPORTED_MEDIA_TYPE: "unsupported_media_type",
  BAD_GATEWAY: "dependency_unavailable",
  TOO_MANY_REQUESTS: "rate_limited",
  SERVICE_UNAVAILABLE: "dependency_unavailable",
  GATEWAY_TIMEOUT: "dependency_unavailable",
};
const maxPathLength = 256;

export type CallError = {
  error: {
    message: string;
    code: number;
    data: { code: TRPC_ERROR_CODE_KEY; httpStatus: number; path: string; reason?: Reason; traceId: string };
  };
};

/** An error of the gateway's own in the shape in which the services word theirs. What we did not foresee is not shown. */
export function callError(cause: unknown, { path, traceId }: { path: string; traceId: string }): CallError {
  const error = asTrpcError(cause);
  const reason = cause instanceof Unavailable || cause instanceof MissingScope ? cause.reason : reasons[error.code];
  return {
    error: {
      message: error.message,
      code: TRPC_ERROR_CODES_BY_KEY[error.code],
      data: {
        code: error.code,
        httpStatus: getHTTPStatusCodeFromError(error),
        path: path.slice(0, maxPathLength),
        ...(reason && { reason }),
        traceId,
      },
    },
  };
}

/** One answer for the whole request, also for a batch: the client's links hand it to each call. */
export function callErrorResponse(cause: unknown, options: { path: string; traceId: string }): Response {
  const body = callError(cause, options);
  const status = body.error.data.httpStatus;
  const says = cause instanceof Unavailable || cause instanceof TooMany;
  const retryAfterS = says ? cause.retryAfterS : status === 504 ? 1 : undefined;
  return Response.json(body, {
    status,
    ...(retryAfterS !== undefined && { headers: { "retry-after": String(retryAfterS) } }),
  });
}

export function isForeseen(cause: unknown): boolean {
  return cause instanceof TRPCError || cause instanceof Unavailable;
}

export function unknownProcedure(name: string): TRPCError {
  return new TRPCError({ code: "NOT_FOUND", message: `No procedure found on path "${name.slice(0, maxPathLength)}"` });
}

function asTrpcError(cause: unknown): TRPCError {
  if (cause instanceof TRPCError) return cause;
  if (cause instanceof Unavailable) return new TRPCError({ code: "SERVICE_UNAVAILABLE", message: cause.message });
  return new TRPCError({ code: "INTERNAL_SERVER_ERROR", message: "Internal server error" });
}
