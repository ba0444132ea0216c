import { getTRPCErrorFromUnknown } from "@trpc/server";
import { getHTTPStatusCode, transformTRPCResponse } from "@trpc/server/unstable-core-do-not-import";
import { nameRequestSpan } from "../http/name-request-span.ts";
import { type Answer, answerCall, type OpenCall } from "./answer-call.ts";
import { errorResponse, jsonHeaders } from "./error-response.ts";
import type { Exchange } from "./exchange.ts";
import type { ParsedCall } from "./parse-call.ts";
import { readBody } from "./read-body.ts";
import { readInputs } from "./read-inputs.ts";
import { retryAfterS } from "./translate-error.ts";

/**
 * Answers unary and batched JSON calls as the library's fetch adapter does, without its cost per request:
 * no URL object, no combined abort signals, no headers copied. A parity test holds it to the adapter.
 */
export async function answerThinly<Scope>(exchange: Exchange<Scope>, call: ParsedCall): Promise<Response> {
  const { router, request } = exchange;
  nameRequestSpan(request.method, exchange.endpoint, call.names);
  try {
    const text =
      call.queryInput ?? (request.method === "POST" ? await readBody(request, exchange.bounds.maxBodyBytes) : "");
    const headers = lazyHeaders();
    const open: OpenCall = {
      call,
      router,
      request,
      context: await openContext(exchange, headers),
      readInput: readInputs({ router, isBatch: call.isBatch, text }),
      onError: exchange.onError,
      onCall: exchange.onCall,
      errors: [],
    };
    const answers = await Promise.all(call.names.map((path, index) => answerCall(open, path, index)));
    return respond(open, answers, headers);
  } catch (cause) {
    const error = getTRPCErrorFromUnknown(cause);
    const failure = { error, path: call.names.join(","), type: call.type };
    exchange.onError({ ...failure, req: request });
    return errorResponse(router, failure);
  }
}

/** A context that could not be made fails each call, not the request: a batch is answered call by call. */
async function openContext<Scope>(exchange: Exchange<Scope>, headers: LazyHeaders): Promise<OpenCall["context"]> {
  const { request, scope } = exchange;
  const source = {
    req: request,
    scope,
    get resHeaders() {
      return headers.writable();
    },
  };
  try {
    return { value: await exchange.createContext(source) };
  } catch (cause) {
    return { error: getTRPCErrorFromUnknown(cause) };
  }
}

function respond({ call, router, errors }: OpenCall, answers: Answer[], headers: LazyHeaders): Response {
  const [first] = answers;
  const answer = call.isBatch || first === undefined ? answers : first;
  const body = JSON.stringify(transformTRPCResponse(router._def._config, answer));
  if (errors.length === 0) return new Response(body, { status: 200, headers: headers.sent() });
  const waitS = retryAfterS(errors);
  if (waitS !== undefined) headers.writable().set("retry-after", String(waitS));
  return new Response(body, { status: getHTTPStatusCode(answer, errors), headers: headers.sent() });
}

type LazyHeaders = ReturnType<typeof lazyHeaders>;

/** Most answers carry the same two headers: a Headers object is made only when something is added. */
function lazyHeaders() {
  let own: Headers | undefined;
  return {
    writable(): Headers {
      own ??= new Headers(jsonHeaders);
      return own;
    },
    sent: (): Headers | typeof jsonHeaders => own ?? jsonHeaders,
  };
}
