import { fetchRequestHandler } from "@trpc/server/adapters/fetch";
import type { Exchange } from "./exchange.ts";
import { boundBody } from "./read-body.ts";
import { retryAfterS } from "./translate-error.ts";

/** The library's own handler: subscriptions, streamed batches, forms, and every refusal of a malformed request. */
export async function answerByLibrary<Scope>(exchange: Exchange<Scope>): Promise<Response> {
  const { router, endpoint, scope, bounds, createContext, onError } = exchange;
  const response = await fetchRequestHandler({
    endpoint,
    router,
    req: untilStopping(await boundBody(exchange.request, bounds.maxBodyBytes), exchange.stopping),
    createContext: async ({ req, resHeaders }) => await createContext({ req, resHeaders, scope }),
    onError: ({ error, path, type, req }) => onError({ error, path, type, req }),
    responseMeta({ errors }) {
      const waitS = retryAfterS(errors);
      return waitS === undefined ? {} : { headers: new Headers({ "retry-after": String(waitS) }) };
    },
    maxBatchSize: bounds.maxBatchSize,
    allowMethodOverride: true,
  });
  // The library forgets the content type of what it refuses before any call.
  if (response.headers.get("content-type")?.startsWith("text/plain"))
    response.headers.set("content-type", "application/json");
  return response;
}

/** A stream of events has no end of its own; anything else is left to finish. */
function untilStopping(request: Request, stopping: AbortSignal | undefined): Request {
  if (stopping === undefined || !request.headers.get("accept")?.includes("text/event-stream")) return request;
  return new Request(request, { signal: AbortSignal.any([request.signal, stopping]) });
}
