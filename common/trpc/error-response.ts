import { type AnyTRPCRouter, getTRPCErrorShape, type TRPCError, type TRPCProcedureType } from "@trpc/server";
import { getHTTPStatusCode, transformTRPCResponse } from "@trpc/server/unstable-core-do-not-import";
import { retryAfterS } from "./translate-error.ts";

export const jsonHeaders = { "content-type": "application/json", vary: "trpc-accept, accept" };

type Failure = { error: TRPCError; path?: string | undefined; type?: TRPCProcedureType; ctx?: unknown };

/** The error in the shape that the router's formatter gives it. */
export function errorShapeOf(router: AnyTRPCRouter, { error, path, type, ctx }: Failure) {
  return getTRPCErrorShape({
    config: router._def._config,
    error,
    path,
    type: type ?? "unknown",
    input: undefined,
    ctx,
  });
}

/** Answers a request that failed as a whole, before or after its calls. */
export function errorResponse(router: AnyTRPCRouter, failure: Failure): Response {
  const answer = { error: errorShapeOf(router, failure) };
  const headers = new Headers(jsonHeaders);
  const waitS = retryAfterS([failure.error]);
  if (waitS !== undefined) headers.set("retry-after", String(waitS));
  const body = JSON.stringify(transformTRPCResponse(router._def._config, answer));
  return new Response(body, { status: getHTTPStatusCode(answer, [failure.error]), headers });
}
