import type { TRPC_ERROR_CODE_KEY, TRPCDefaultErrorShape, TRPCError } from "@trpc/server";
import { JSONRPC2_TO_HTTP_CODE, TRPC_ERROR_CODES_BY_KEY } from "@trpc/server/unstable-core-do-not-import";
import { currentTrace } from "../observability/tracing.ts";
import { translateError } from "./translate-error.ts";

/** What a client finds in `error.data`; the same for all services. */
export type ErrorData = {
  code: TRPC_ERROR_CODE_KEY;
  httpStatus: number;
  path?: string;
  reason?: string;
  fields?: Record<string, string[]>;
  traceId?: string;
};

type FormatOptions = { shape: TRPCDefaultErrorShape; error: TRPCError; type: string };

/** Never shows a stack, nor the message of an unexpected error. */
export function formatError({
  shape,
  error,
  type,
}: FormatOptions): Omit<TRPCDefaultErrorShape, "data"> & { data: ErrorData } {
  const { code, message, ...detail } = translateError(error, type !== "unknown");
  const { path } = shape.data;
  const { traceId } = currentTrace();
  return {
    message,
    code: TRPC_ERROR_CODES_BY_KEY[code],
    data: {
      code,
      httpStatus: JSONRPC2_TO_HTTP_CODE[code],
      ...(path !== undefined && { path }),
      ...detail,
      ...(traceId !== undefined && { traceId }),
    },
  };
}

/** For `initTRPC.context<…>().create(trpcOptions)` in each service. A silent stream is cut by proxies, hence the ping. */
export const trpcOptions = {
  isDev: false,
  errorFormatter: formatError,
  sse: { ping: { enabled: true, intervalMs: 5_000 }, client: { reconnectAfterInactivityMs: 20_000 } },
};
