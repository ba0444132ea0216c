export type Edge = (request: Request, handle: () => Promise<Response>) => Promise<Response>;

type Options = {
  /** Pages of these origins may call us and see the answers. */
  origins: ReadonlySet<string>;
  isHttps: boolean;
};

const allowedHeaders = [
  "authorization",
  "content-type",
  "idempotency-key",
  "last-event-id",
  "traceparent",
  "trpc-accept",
  "x-api-key",
  "x-correlation-id",
  "x-request-id",
  "x-trpc-source",
].join(", ");
const exposedHeaders = "location, ratelimit, ratelimit-policy, retry-after, set-auth-token, x-request-id";
const preflightMaxAgeS = "600";

/** Which pages may read an answer (Fetch standard, CORS), and, where we are served by TLS, that it stays so. */
export function createEdge({ origins, isHttps }: Options): Edge {
  return async (request, handle) => {
    const isPreflight = request.method === "OPTIONS" && request.headers.has("access-control-request-method");
    const response = isPreflight ? new Response(null, { status: 204 }) : await handle();
    if (isHttps) response.headers.set("strict-transport-security", "max-age=31536000");
    const origin = request.headers.get("origin");
    if (origin === null) return response;
    response.headers.append("vary", "origin");
    if (origins.has(origin)) share(response.headers, origin, isPreflight);
    return response;
  };
}

function share(headers: Headers, origin: string, isPreflight: boolean): void {
  headers.set("access-control-allow-origin", origin);
  headers.set("access-control-allow-credentials", "true");
  if (!isPreflight) {
    headers.set("access-control-expose-headers", exposedHeaders);
    return;
  }
  headers.set("access-control-allow-methods", "GET, POST, PUT, PATCH, DELETE");
  headers.set("access-control-allow-headers", allowedHeaders);
  headers.set("access-control-max-age", preflightMaxAgeS);
}
