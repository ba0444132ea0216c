import { defaultBounds } from "@orderflow/common/trpc/bounds";
import { readRestInput } from "../../domain/rest-input.ts";
import type { RestRoute, RouteMatch } from "../../domain/rest-routes.ts";
import { readBody } from "../forwarding/forward-whole.ts";
import { RestRefusal } from "./problem-response.ts";

const { maxUrlLength } = defaultBounds;

/** The tRPC call that a REST request means, with the caller's own headers. Throws RestRefusal. */
export async function toTrpcCall(request: Request, { route, values }: RouteMatch): Promise<Request> {
  const { origin, searchParams } = new URL(request.url);
  const { input, faults } = readRestInput({
    route,
    values,
    query: searchParams,
    header: (name) => request.headers.get(name),
    body: route.hasBody ? await readJson(request) : {},
  });
  const names = Object.keys(faults);
  if (names.length > 0) throw invalid(`The input is not valid: ${names.join(", ")}`, faults);
  const url = `${origin}/trpc/${route.service}.${route.procedure}`;
  const json = input === undefined ? undefined : JSON.stringify(input);
  const query = json === undefined ? "" : `?input=${encodeURIComponent(json)}`;
  const isRead = route.method === "GET" && (route.isStream || url.length + query.length <= maxUrlLength);
  const options = { headers: callHeaders(request.headers, route), signal: request.signal };
  if (isRead) return new Request(url + query, { ...options, method: "GET" });
  return new Request(url, { ...options, method: "POST", body: json ?? "" });
}

function callHeaders(from: Headers, { method, isStream }: RestRoute): Headers {
  const headers = new Headers(from);
  for (const name of ["content-length", "transfer-encoding", "trpc-accept", "content-type"]) headers.delete(name);
  headers.set("accept", isStream ? "text/event-stream" : "application/json");
  if (method !== "GET" || !isStream) headers.set("content-type", "application/json");
  return headers;
}

async function readJson(request: Request): Promise<Record<string, unknown>> {
  const contentType = request.headers.get("content-type") ?? "";
  const bytes = await readBody(request);
  if (bytes === undefined || bytes.byteLength === 0) return {};
  if (!/^application\/json *(?:;|$)/i.test(contentType)) {
    const message = "A request body is sent as application/json";
    throw new RestRefusal({ status: 415, reason: "unsupported_media_type", message });
  }
  const body = parse(bytes);
  if (typeof body === "object" && body !== null && !Array.isArray(body)) return body as Record<string, unknown>;
  throw invalid("The request body is not an object");
}

function parse(bytes: ArrayBuffer): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw invalid("The request body is not valid JSON");
  }
}

function invalid(message: string, fields?: Record<string, string[]>): RestRefusal {
  return new RestRefusal({ status: 400, reason: "invalid_input", message, ...(fields && { fields }) });
}
