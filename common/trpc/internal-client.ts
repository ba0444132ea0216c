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
import { translateAnswer } from "./translate-answer.ts";

export type InternalClientOptions = {
  /** Of the callee, without a path. */
  url: string;
  /** The callee's name. */
  audience: string;
  signer: TokenSigner;
  /** The caller's name. */
  issuer: string;
  /** For the whole call, connection included. */
  timeoutMs: number;
};

/**
 * A neighbour's `/internal` procedures. A call rejects with the callee's `Refusal`, with `Unavailable` when the
 * callee is away, overloaded or late, and with an `Error` that names the procedure for the rest.
 */
export function createInternalClient<Router extends AnyTRPCRouter>(options: InternalClientOptions): TRPCClient<Router> {
  return createTRPCClientProxy<Router>(new NeighbourClient<Router>(options));
}

class NeighbourClient<Router extends AnyTRPCRouter> extends TRPCUntypedClient<Router> {
  readonly #callee: string;

  constructor({ url, audience, signer, issuer, timeoutMs }: InternalClientOptions) {
    // One request per call: batching would wait for a timer, and give one call's trace to another.
    const link = httpLink<AnyTRPCRouter>({
      url: `${url.replace(/\/+$/, "")}/internal`,
      methodOverride: "POST",
      headers: async () => ({
        [internalTokenHeader]: await signer.sign(serviceCaller(issuer), audience),
        ...traceHeaders(),
      }),
      fetch: fetchWithin(timeoutMs),
    });
    super({ links: [link] });
    this.#callee = audience;
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
function fetchWithin(timeoutMs: number): Fetch {
  const fetchInTime = (input: string, init?: RequestInit) =>
    fetch(input, { ...init, signal: deadline(timeoutMs, init?.signal) });
  return fetchInTime as unknown as Fetch;
}

function deadline(timeoutMs: number, signal: AbortSignal | null | undefined): AbortSignal {
  const timeout = AbortSignal.timeout(timeoutMs);
  return signal ? AbortSignal.any([signal, timeout]) : timeout;
}
