import { setImmediate } from "node:timers/promises";
import { fetchRequestHandler } from "@trpc/server/adapters/fetch";
import { isStorable, maySpellUnstorable } from "../text/storable.ts";
import { endWith, whenRead } from "./end-with.ts";
import type { Exchange } from "./exchange.ts";
import { boundBody } from "./read-body.ts";
import { unstorableInput } from "./read-inputs.ts";
import { retryAfterS } from "./translate-error.ts";

/** The library's own handler: subscriptions, streamed batches, forms, and every refusal of a malformed request. */
export async function answerByLibrary<Scope>(exchange: Exchange<Scope>): Promise<Response> {
  const { stopping, bounds } = exchange;
  const request = await refuseUnstorable(await boundBody(exchange.request, bounds.maxBodyBytes));
  // A stream of events has no end of its own; anything else is left to finish.
  if (stopping !== undefined && request.headers.get("accept")?.includes("text/event-stream")) {
    const { signal, release } = endWith(stopping, request.signal);
    // The library sends its head at once, and whoever has it opens the next: as long as there is one to accept, Bun (1.4.5) reads
    // no other socket, neither the database's nor the broker's.
    await setImmediate();
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

/** The same request, if PostgreSQL could store all its input. Throws BAD_REQUEST for the whole of a batch. */
async function refuseUnstorable(request: Request): Promise<Request> {
  const { method, url, headers } = request;
  requireStorable(new URL(url).searchParams.get("input") ?? "");
  if (method !== "POST" || !headers.get("content-type")?.startsWith("application/json")) return request;
  const body = await request.text();
  requireStorable(body);
  return new Request(request, { body });
}

function requireStorable(json: string): void {
  if (!maySpellUnstorable(json)) return;
  let inputs: unknown;
  try {
    inputs = JSON.parse(json);
  } catch {
    return; // The library words the refusal of what is not JSON.
  }
  if (!isStorable(inputs)) throw unstorableInput();
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
