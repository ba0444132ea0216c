import type { TokenSigner } from "@orderflow/common/auth/internal-token";
import { nameRequestSpan } from "@orderflow/common/http/name-request-span";
import { defaultBounds } from "@orderflow/common/trpc/bounds";
import { TRPCError } from "@trpc/server";
import { type Call, type Calls, onlyService, readCalls } from "../domain/read-calls.ts";
import type { ProcedureCatalog } from "../providers/procedure-catalog.ts";
import { createRecheck } from "./authentication/recheck-caller.ts";
import { requireScopes } from "./authentication/require-scopes.ts";
import type { CallerResolver } from "./authentication/resolve-caller.ts";
import { callErrorResponse, isForeseen, unknownProcedure } from "./forwarding/call-error.ts";
import { forwardMixed } from "./forwarding/forward-mixed.ts";
import { forwardWhole } from "./forwarding/forward-whole.ts";
import type { Forwarding } from "./forwarding/forwarding.ts";
import { keepKnown } from "./forwarding/keep-known.ts";
import { upstreamHeaders } from "./forwarding/upstream-headers.ts";
import type { RateLimits } from "./limits/rate-limits.ts";
import { countCalls, type Visit } from "./limits/visit.ts";

export type TrpcDoor = (request: Request, visit: Visit) => Promise<Response>;

type Options = Forwarding & {
  resolveCaller: CallerResolver;
  catalog: ProcedureCatalog;
  limits: RateLimits;
  signer: TokenSigner;
};

const endpoint = "/trpc";
/** The services' own: what they would refuse does not leave here. */
const { maxBatchSize, maxBodyBytes, maxUrlLength } = defaultBounds;

/** `/trpc/<service>.<procedure>` becomes the service's `/trpc/<procedure>`, for the caller we have authenticated. */
export function createTrpcDoor(options: Options): TrpcDoor {
  const services = new Set(options.upstreams.keys());
  const recheck = createRecheck(options.resolveCaller);

  async function forward(request: Request, asked: Calls, visit: Visit): Promise<Response> {
    requireBounds(request, asked);
    const caller = await options.resolveCaller(request);
    await countCalls(visit, options.limits, { caller, calls: asked.calls.length });
    const { calls, types } = await keepKnown(asked, options.catalog);
    requireScopes(caller, calls.calls, types);
    nameRequestSpan(
      request.method,
      endpoint,
      calls.calls.map(({ name }) => name),
    );
    const headers = await upstreamHeaders(request, { caller, scope: visit, signer: options.signer });
    const incoming = { request, calls, headers, scope: visit, followCaller: () => recheck(request, caller) };
    const upstream = options.upstreams.get(onlyService(calls.calls) ?? "");
    if (upstream) return forwardWhole(incoming, { forwarding: options, upstream, calls: calls.calls as Call[] });
    if (!calls.isBatch) throw unknownProcedure(calls.calls[0]?.name ?? "");
    return forwardMixed(incoming, options);
  }

  return async (request, visit) => {
    const calls = readCalls(request.url.slice(0, maxUrlLength + 1), { endpoint, services, maxCalls: maxBatchSize });
    try {
      return await forward(request, calls, visit);
    } catch (cause) {
      const error = request.signal.aborted && !isForeseen(cause) ? clientLeft(cause) : cause;
      if (!isForeseen(error)) options.logger.error({ err: error }, "Forwarding failed");
      return callErrorResponse(error, { path: calls.calls.map(({ name }) => name).join(","), traceId: visit.traceId });
    }
  };
}

/** A body that never came to its end is no fault of ours. */
function clientLeft(cause: unknown): TRPCError {
  return new TRPCError({ code: "CLIENT_CLOSED_REQUEST", message: "The client closed the request", cause });
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
