import { isFault } from "@orderflow/common/database/sql-error";
import type { RequestScope } from "@orderflow/common/http/request-scope";
import type { Logger } from "@orderflow/common/observability/logger";
import { type Auth, clientAddressHeader } from "./create-auth.ts";
import { inTime } from "./in-time.ts";

export type AuthDoor = (
  request: Request,
  options: { scope: RequestScope; clientAddress: string | undefined },
) => Promise<Response>;

type Options = { auth: Pick<Auth, "handler">; logger: Logger; accountsDeadlineMs: number };

/** better-auth has some thirty more routes. What is not here does not exist. */
const methods = new Map([
  ["/sign-up/email", "POST"],
  ["/sign-in/email", "POST"],
  ["/sign-out", "POST"],
  ["/change-password", "POST"],
  ["/get-session", "GET"],
  ["/token", "GET"],
  ["/jwks", "GET"],
]);
const maxBodyBytes = 16_384;
const endpoint = "/auth";

/** Answers for accounts and sessions in better-auth's own words: `{ code, message }`. */
export function createAuthDoor({ auth, logger, accountsDeadlineMs }: Options): AuthDoor {
  return async (request, { scope, clientAddress }) => {
    const method = methods.get(routeOf(request.url));
    if (method === undefined) return refusal(404, "NOT_FOUND", "There is no such route");
    if (request.method !== method)
      return refusal(405, "METHOD_NOT_ALLOWED", `This route is for ${method}`, { allow: method });
    const body = method === "POST" ? await request.arrayBuffer() : undefined;
    if (body && body.byteLength > maxBodyBytes)
      return refusal(413, "PAYLOAD_TOO_LARGE", `A request body has at most ${maxBodyBytes} bytes`);
    try {
      return hardened(await inTime(auth.handler(authRequest(request, body, clientAddress)), accountsDeadlineMs));
    } catch (error) {
      logger.error({ err: error }, "An account route failed");
      if (isFault(error))
        return refusal(503, "SERVICE_UNAVAILABLE", "Accounts are not reachable", { "retry-after": "1" });
      return refusal(500, "INTERNAL_SERVER_ERROR", `Internal server error, trace id ${scope.traceId}`);
    }
  };
}

/** The raw path, neither decoded nor normalized: an escape can only make it unknown. */
function routeOf(url: string): string {
  const start = url.indexOf("/", url.indexOf("//") + 2) + endpoint.length;
  const end = url.indexOf("?", start);
  return end < 0 ? url.slice(start) : url.slice(start, end);
}

/** Sign-in is throttled by address, so the address must be the connection's and not the client's claim. */
function authRequest(request: Request, body: ArrayBuffer | undefined, clientAddress: string | undefined): Request {
  const headers = new Headers(request.headers);
  headers.delete(clientAddressHeader);
  if (clientAddress !== undefined) headers.set(clientAddressHeader, clientAddress);
  return new Request(request.url, { method: request.method, headers, ...(body && { body }) });
}

function hardened(response: Response): Response {
  const retryAfter = response.headers.get("x-retry-after");
  if (retryAfter !== null) response.headers.set("retry-after", retryAfter);
  if (!response.headers.has("cache-control")) response.headers.set("cache-control", "no-store");
  return response;
}

function refusal(status: number, code: string, message: string, headers: Record<string, string> = {}): Response {
  return Response.json({ code, message }, { status, headers: { "cache-control": "no-store", ...headers } });
}
