import type { AppRouter } from "@orderflow/gateway/router";
import { createTRPCUntypedClient, httpBatchLink, splitLink } from "@trpc/client";
import type { CallOptions } from "./calls.ts";
import type { Credentials } from "./credentials.ts";
import type { Fetch } from "./fetch.ts";
import { takesKey, withKey } from "./idempotency-key.ts";
import { errorOfStatus, isOrderflowError, toOrderflowError } from "./orderflow-error.ts";
import { repeat } from "./repeat.ts";

export type Call = { path: string; type: "query" | "mutation"; input: unknown; options: CallOptions };
export type SendCall = (call: Call) => Promise<unknown>;

type Options = { url: string; fetch: Fetch; credentials: Credentials; timeoutMs: number };
type Headers = Record<string, string>;

/** The gateway takes 50 calls at once, and URLs of 12,288 characters; proxies on the way often only 8,192. */
const maxBatchCalls = 50;
const maxUrlLength = 8_000;
/** A query whose input is longer than this, encoded, is posted. */
const maxQueryInputLength = 4_000;

/** Of whom a client is kept: a page has one caller, whose tokens change, a server many. */
const maxCallers = 50;

/** Sends calls that one caller makes in the same tick as one request, and each again as `repeat` says. */
export function createSendCall({ url, fetch, credentials, timeoutMs }: Options): SendCall {
  const link = {
    url: `${url}/trpc`,
    // The library's own type of a response differs from the platform's in how its body is typed.
    fetch: (address: unknown, init: unknown) => answerOf(fetch(String(address), init as RequestInit)) as Promise<never>,
    maxItems: maxBatchCalls,
  };
  const clientWith = (headers: Headers) =>
    createTRPCUntypedClient<AppRouter>({
      links: [
        splitLink({
          condition: ({ type, input }) => type === "query" && isLong(input),
          true: httpBatchLink({ ...link, headers, methodOverride: "POST" }),
          false: httpBatchLink({ ...link, headers, maxURLLength: maxUrlLength }),
        }),
      ],
    });
  /** By what says who calls, the latest last: a request has one caller, so others' calls may not travel in it. */
  const clients = new Map<string, ReturnType<typeof clientWith>>();
  const clientOf = (headers: Headers) => {
    const caller = JSON.stringify(headers);
    const client = clients.get(caller) ?? clientWith(headers);
    clients.delete(caller);
    clients.set(caller, client);
    const [eldest] = clients.keys();
    if (clients.size > maxCallers && eldest !== undefined) clients.delete(eldest);
    return client;
  };

  async function send({ path, type, input }: Call, headers: Headers, signal: AbortSignal): Promise<unknown> {
    const trpc = clientOf(headers);
    const options = { signal };
    try {
      return type === "query" ? await trpc.query(path, input, options) : await trpc.mutation(path, input, options);
    } catch (cause) {
      throw toOrderflowError(cause, path);
    }
  }

  return async (call) => {
    const { path, type, options } = call;
    const isSafe = type === "query" || takesKey(path);
    const sent = type === "mutation" && isSafe ? { ...call, input: withKey(call.input) } : call;
    let isRenewed = false;
    const attempt = async (signal: AbortSignal): Promise<unknown> => {
      const headers = await credentials.headers();
      try {
        return await send(sent, headers, signal);
      } catch (error) {
        const renewed = isRenewed || !isUnauthenticated(error) ? undefined : await credentials.renew(headers);
        if (renewed === undefined) throw error;
        isRenewed = true;
        return await send(sent, renewed, signal);
      }
    };
    return await repeat(attempt, { path, isSafe, timeoutMs: options.timeoutMs ?? timeoutMs, signal: options.signal });
  };
}

/** What is no JSON is not the gateway's, and its status is all that it says. */
async function answerOf(asked: Promise<Response>): Promise<Response> {
  const answer = await asked;
  if (answer.headers.get("content-type")?.startsWith("application/json")) return answer;
  throw errorOfStatus(answer);
}

export function isUnauthenticated(error: unknown): boolean {
  return isOrderflowError(error) && error.reason === "unauthenticated";
}

function isLong(input: unknown): boolean {
  return input !== undefined && encodeURIComponent(JSON.stringify(input)).length > maxQueryInputLength;
}
