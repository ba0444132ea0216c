import { isFault } from "@orderflow/common/database/sql-error";
import type { Logger } from "@orderflow/common/observability/logger";
import { isStorable, maySpellUnstorable } from "@orderflow/common/text/storable";
import { boundBody } from "@orderflow/common/trpc/read-body";
import { TRPCError } from "@trpc/server";
import { getHTTPStatusCodeFromError } from "@trpc/server/http";
import { whileClientSends } from "../limits/load-shedder.ts";
import type { Visit } from "../limits/visit.ts";
import { type Auth, clientAddressHeader } from "./create-auth.ts";
import { inTime } from "./in-time.ts";
import { refusingFaults } from "./noted-faults.ts";

export type AuthDoor = (request: Request, visit: Visit) => Promise<Response>;

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
  return async (request, visit) => {
    const method = methods.get(routeOf(request.url));
    if (method === undefined) return refusal(404, "NOT_FOUND", "There is no such route");
    if (request.method !== method)
      return refusal(405, "METHOD_NOT_ALLOWED", `This route is for ${method}`, { allow: method });
    try {
      const body = method === "POST" ? await readBody(request) : undefined;
      const answer = refusingFaults(() => auth.handler(authRequest(request, body, visit.address)));
      return hardened(await inTime(answer, accountsDeadlineMs));
    } catch (error) {
      if (error instanceof TRPCError) return refusal(getHTTPStatusCodeFromError(error), error.code, error.message);
      if (request.signal.aborted) return refusal(499, "CLIENT_CLOSED_REQUEST", "The client closed the request");
      logger.error({ err: error }, "An account route failed");
      if (isFault(error))
        return refusal(503, "SERVICE_UNAVAILABLE", "Accounts are not reachable", { "retry-after": "1" });
      return refusal(500, "INTERNAL_SERVER_ERROR", `Internal server error, trace id ${visit.traceId}`);
    }
  };
}

/** The raw path, neither decoded nor normalized: an escape can only make it unknown. */
function routeOf(url: string): string {
  const start = url.indexOf("/", url.indexOf("//") + 2) + endpoint.length;
  const end = url.indexOf("?", start);
  return end < 0 ? url.slice(start) : url.slice(start, end);
}

/** Throws a TRPCError for a body that is too large, or that holds what PostgreSQL cannot store. */
async function readBody(request: Request): Promise<string> {
  const text = await whileClientSends(request, async () => (await boundBody(request, maxBodyBytes)).text());
  if (maySpellUnstorable(text) && !isStorable(parse(text)))
    throw new TRPCError({ code: "BAD_REQUEST", message: "The body holds a NUL character or half a surrogate pair" });
  return text;
}

/** What is not JSON is the library's to refuse. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Sign-in is throttled by address, so the address must be the connection's and not the client's claim. */
function authRequest(request: Request, body: string | undefined, clientAddress: string): Request {
  const headers = new Headers(request.headers);
  headers.set(clientAddressHeader, clientAddress);
  // Node's fetch sends the mode alone. The library would take it for a browser that hides its page; those send the site too.
  if (!headers.has("sec-fetch-site")) headers.delete("sec-fetch-mode");
  return new Request(request.url, { method: request.method, headers, ...(body !== undefined && { body }) });
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
