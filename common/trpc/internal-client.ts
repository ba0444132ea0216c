import {
  createTRPCClientProxy,
  httpLink,
  type TRPCClient,
  type TRPCRequestOptions,
  TRPCUntypedClient,
} from "@trpc/client";
import type { AnyTRPCRouter } from "@trpc/server";
import { serviceCaller } from "../auth/caller.ts";
import { internalTokenHeader, type TokenSigner } from "../auth/internal-token.ts";
import { currentTrace } from "../observability/tracing.ts";
import type { Target } from "../resilience/target.ts";
import { translateAnswer } from "./translate-answer.ts";

export type InternalClientOptions = {
  /** The callee: its instances, deadline, breaker. */
  target: Target;
  signer: TokenSigner;
  /** The caller's name. */
  issuer: string;
  /** Procedures that may be asked twice without harm; only these are repeated once they may have been received. */
  safe?: readonly string[];
};

const endpoint = "/internal";
/** Stands for whichever instance is chosen. */
const anyInstance = "http://instance.invalid";

/**
 * A neighbour's `/internal` procedures. A call rejects with the callee's `Refusal`, with `Unavailable` when the
 * callee is away, overloaded or late, and with an `Error` that names the procedure for the rest.
 */
export function createInternalClient<Router extends AnyTRPCRouter>(options: InternalClientOptions): TRPCClient<Router> {
  return createTRPCClientProxy<Router>(new NeighbourClient<Router>(options));
}

class NeighbourClient<Router extends AnyTRPCRouter> extends TRPCUntypedClient<Router> {
  readonly #callee: string;

  constructor({ target, signer, issuer, safe = [] }: InternalClientOptions) {
    // One request per call: batching would wait for a timer, and give one call's trace to another.
    const link = httpLink<AnyTRPCRouter>({
      url: anyInstance + endpoint,
      methodOverride: "POST",
      headers: async () => ({
        [internalTokenHeader]: await signer.sign(serviceCaller(issuer), target.service),
        ...traceHeaders(),
      }),
      fetch: fetchFrom(target, new Set(safe)),
    });
    super({ links: [link] });
    this.#callee = target.service;
  }

  override query(path: string, input?: unknown, options?: TRPCRequestOptions): Promise<unknown> {
    return super.query(path, input, options).catch((error: unknown) => this.#rethrow(error, path));
  }

  override mutation(path: string, input?: unknown, options?: TRPCRequestOptions): Promise<unknown> {
    return super.mutation(path, input, options).catch((error: unknown) => this.#rethrow(error, path));
  }

  #rethrow(error: unknown, path: string): never {
    throw translateAnswer(error, `${this.#callee}.${path}`);
  }
}

function traceHeaders(): Record<string, string> {
  const { traceparent, correlationId } = currentTrace();
  return {
    ...(traceparent !== undefined && { traceparent }),
    ...(correlationId !== undefined && { "x-correlation-id": correlationId }),
  };
}

type Fetch = NonNullable<Parameters<typeof httpLink>[0]["fetch"]>;

/** Cast, since the types of Bun's body readers lack an overload that the library's ask for. */
function fetchFrom(target: Target, safe: ReadonlySet<string>): Fetch {
  const fetchAnywhere = (input: string, init: Init = {}) => {
    const path = input.slice(anyInstance.length);
    return target.send({
      method: init.method ?? "GET",
      path,
      headers: init.headers ?? {},
      body: init.body,
      signal: init.signal ?? undefined,
      isSafe: safe.has(path.slice(endpoint.length + 1)),
    });
  };
  return fetchAnywhere as unknown as Fetch;
}

/** What the library's link hands to `fetch`. */
type Init = { method?: string; headers?: Record<string, string>; body?: string; signal?: AbortSignal | null };
