import type { Caller } from "@orderflow/common/auth/caller";
import { internalTokenHeader, publicAudience, type TokenSigner } from "@orderflow/common/auth/internal-token";
import type { RequestScope } from "@orderflow/common/http/request-scope";
import { currentTrace } from "@orderflow/common/observability/tracing";

/** The rest stays here: credentials, cookies, hop-by-hop headers, and internal headers that a client made up. */
const passedOn = ["content-type", "accept", "trpc-accept", "last-event-id", "x-trpc-source", "accept-language"];

type Options = { caller: Caller; scope: RequestScope; signer: TokenSigner };

/** What a service is told of a request. A caller who is nobody brings no token. */
export async function upstreamHeaders(
  request: Request,
  { caller, scope, signer }: Options,
): Promise<Record<string, string>> {
  const headers: Record<string, string> = {
    // The answer is passed on as it is, so a service must not compress it for us.
    "accept-encoding": "identity",
    "x-request-id": scope.requestId,
    "x-correlation-id": scope.correlationId,
  };
  for (const name of passedOn) {
    const value = request.headers.get(name);
    if (value !== null) headers[name] = value;
  }
  const { traceparent } = currentTrace();
  if (traceparent !== undefined) headers.traceparent = traceparent;
  if (caller.role !== "nobody") headers[internalTokenHeader] = await signer.sign(caller, publicAudience);
  return headers;
}
