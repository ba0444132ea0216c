import { fetchRequestHandler } from "@trpc/server/adapters/fetch";
import { endWith, whenRead } from "./end-with.ts";
import type { Exchange } from "./exchange.ts";
import { boundBody } from "./read-body.ts";
import { retryAfterS } from "./translate-error.ts";

/** The library's own handler: subscriptions, streamed batches, forms, and every refusal of a malformed request. */
export async function answerByLibrary<Scope>(exchange: Exchange<Scope>): Promise<Response> {
  const { stopping, bounds } = exchange;
  const request = await boundBody(exchange.request, bounds.maxBodyBytes);
  // A stream of events has no end of its own; anything else is left to finish.
  if (stopping !== undefined && request.headers.get("accept")?.includes("text/event-stream")) {
    const { signal, release } = endWith(stopping, request.signal);
    const response = await handle(exchange, new Request(request, { signal }));
    if (response.body !== null) return new Response(whenRead(response.body, release), response);
    release();
    return response;
  }
  const response = await handle(exchange, request);
  // The library forgets the content type of what it refuses before any call.
  if (response.body !== null && !response.headers.has("content-type"))
    response.headers.set("content-type", "application/json");
  return response;
}

function handle<Scope>(exchange: Exchange<Scope>, request: Request): Promise<Response> {
  const { router, endpoint, scope, bounds, createContext, onError } = exchange;
  return fetchRequestHandler({
    endpoint,
    router,
    req: request,
    createContext: async ({ req, resHeaders }) => await createContext({ req, resHeaders, scope }),
    onError: ({ error, path, type, req }) => onError({ error, path, type, req }),
    responseMeta({ errors }) {
      const waitS = retryAfterS(errors);
      return waitS === undefined ? {} : { headers: new Headers({ "retry-after": String(waitS) }) };
    },
    maxBatchSize: bounds.maxBatchSize,
    allowMethodOverride: true,
  });
}
