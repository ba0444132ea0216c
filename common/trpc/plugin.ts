import { type AnyTRPCRouter, getTRPCErrorFromUnknown, type inferRouterContext } from "@trpc/server";
import { type AnyElysia, Elysia } from "elysia";
import { type Bounds, defaultBounds, refuseBeyondBounds } from "./bounds.ts";
import { errorResponse } from "./error-response.ts";
import type { CallFailure, CallOutcome, ContextSource, Exchange } from "./exchange.ts";
import { answerByLibrary } from "./fallback-handler.ts";
import { parseCall } from "./parse-call.ts";
import { answerThinly } from "./thin-handler.ts";

export type TrpcOptions<Router extends AnyTRPCRouter, Scope> = Partial<Bounds> & {
  /** Path without a trailing slash, such as "/trpc". */
  endpoint: string;
  createContext: (source: ContextSource<Scope>) => inferRouterContext<Router> | Promise<inferRouterContext<Router>>;
  /** Surrounds each request, and gives what `createContext` gets as `scope`: a span, ids, the access log. */
  scope?: (request: Request, handle: (scope: Scope) => Promise<Response>) => Promise<Response>;
  /** Told of every failed call, refusals included, before its message is masked. */
  onError?: (failure: CallFailure) => void;
  /** Told of every finished unary call. */
  onCall?: (outcome: CallOutcome) => void;
  stopping?: AbortSignal;
};

export type TrpcHandler = (request: Request) => Promise<Response>;

/** Serves a tRPC router at `endpoint`. */
export function trpc<Router extends AnyTRPCRouter, Scope = undefined>(
  router: Router,
  options: TrpcOptions<Router, Scope>,
): AnyElysia {
  return trpcRoute(options.endpoint, createTrpcHandler(router, options));
}

export function trpcRoute(endpoint: string, handler: TrpcHandler): AnyElysia {
  // Without `parse: "none"` a hook that reads the body would leave none for the call.
  return new Elysia().all(`${endpoint}/*`, ({ request }) => handler(request), { parse: "none" });
}

/** Answers requests below `endpoint`. Queries may be posted. Body, URL and batch are bounded (see `Bounds`). */
export function createTrpcHandler<Router extends AnyTRPCRouter, Scope = undefined>(
  router: Router,
  options: TrpcOptions<Router, Scope>,
): TrpcHandler {
  const { endpoint, createContext, scope, onError = ignore, onCall = ignore, stopping } = options;
  const bounds = { ...defaultBounds, ...definedBounds(options) };
  const common = { router, endpoint, bounds, createContext, onError, onCall, stopping };

  return (request) => {
    if (scope === undefined) return answerExchange({ ...common, request, scope: undefined as Scope });
    return scope(request, (given) => answerExchange({ ...common, request, scope: given }));
  };
}

async function answerExchange<Scope>(exchange: Exchange<Scope>): Promise<Response> {
  const { router, request, endpoint, bounds } = exchange;
  try {
    const refusal = refuseBeyondBounds(request.url, endpoint, bounds);
    if (refusal !== undefined) throw refusal;
    const call = parseCall(request, router, endpoint);
    return call === undefined ? await answerByLibrary(exchange) : await answerThinly(exchange, call);
  } catch (cause) {
    const error = getTRPCErrorFromUnknown(cause);
    exchange.onError({ error, path: undefined, type: "unknown", req: request });
    return errorResponse(router, { error });
  }
}

function definedBounds(options: Partial<Bounds>): Partial<Bounds> {
  const names = Object.keys(defaultBounds) as (keyof Bounds)[];
  return Object.fromEntries(names.flatMap((name) => (options[name] === undefined ? [] : [[name, options[name]]])));
}

function ignore(): void {}
