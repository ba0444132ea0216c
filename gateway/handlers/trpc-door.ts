import type { TokenSigner } from "@orderflow/common/auth/internal-token";
import type { RequestScope } from "@orderflow/common/http/request-scope";
import type { Logger } from "@orderflow/common/observability/logger";
import { defaultBounds } from "@orderflow/common/trpc/bounds";
import { TRPCError } from "@trpc/server";
import { type Call, type Calls, onlyService, readCalls } from "../domain/read-calls.ts";
import type { CallerResolver } from "./authentication/resolve-caller.ts";
import { callErrorResponse, isForeseen, unknownProcedure } from "./forwarding/call-error.ts";
import { forwardMixed } from "./forwarding/forward-mixed.ts";
import { forwardWhole } from "./forwarding/forward-whole.ts";
import type { Forwarding } from "./forwarding/forwarding.ts";
import { upstreamHeaders } from "./forwarding/upstream-headers.ts";

export type TrpcDoor = (request: Request, scope: RequestScope) => Promise<Response>;

type Options = Forwarding & { resolveCaller: CallerResolver; signer: TokenSigner; logger: Logger };

const endpoint = "/trpc";
/** The services' own: what they would refuse does not leave here. */
const { maxBatchSize, maxBodyBytes, maxUrlLength } = defaultBounds;

/** `/trpc/<service>.<procedure>` becomes the service's `/trpc/<procedure>`, for the caller we have authenticated. */
export function createTrpcDoor(options: Options): TrpcDoor {
  const services = new Set(options.upstreams.keys());

  async function forward(request: Request, calls: Calls, scope: RequestScope): Promise<Response> {
    requireBounds(request, calls);
    const caller = await options.resolveCaller(request);
    const headers = await upstreamHeaders(request, { caller, scope, signer: options.signer });
    const incoming = { request, calls, headers, scope };
    const upstream = options.upstreams.get(onlyService(calls.calls) ?? "");
    if (upstream) return forwardWhole(incoming, { ...options, upstream, calls: calls.calls as Call[] });
    if (!calls.isBatch) throw unknownProcedure(calls.calls[0]?.name ?? "");
    return forwardMixed(incoming, options);
  }

  return async (request, scope) => {
    const calls = readCalls(request.url.slice(0, maxUrlLength + 1), { endpoint, services, maxCalls: maxBatchSize });
    try {
      return await forward(request, calls, scope);
    } catch (cause) {
      if (!isForeseen(cause)) options.logger.error({ err: cause }, "Forwarding failed");
      return callErrorResponse(cause, { path: calls.calls.map(({ name }) => name).join(","), traceId: scope.traceId });
    }
  };
}

function requireBounds({ method, url, headers }: Request, { calls }: Calls): void {
  if (method !== "GET" && method !== "POST") {
    throw new TRPCError({
      code: "METHOD_NOT_SUPPORTED",
      message: "Queries are sent by GET or POST, mutations by POST",
    });
  }
  if (url.length > maxUrlLength) {
    throw new TRPCError({
      code: "PAYLOAD_TOO_LARGE",
      message: `A URL has at most ${maxUrlLength} characters: send the batch by POST`,
    });
  }
  if (calls.length > maxBatchSize) {
    throw new TRPCError({ code: "BAD_REQUEST", message: `A batch has at most ${maxBatchSize} calls` });
  }
  if (Number(headers.get("content-length") ?? 0) > maxBodyBytes) {
    throw new TRPCError({ code: "PAYLOAD_TOO_LARGE", message: `A request body has at most ${maxBodyBytes} bytes` });
  }
}
