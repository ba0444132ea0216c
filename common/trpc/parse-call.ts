import type { AnyTRPCProcedure, AnyTRPCRouter, TRPCProcedureType } from "@trpc/server";
import { cutCallUrl } from "./call-url.ts";

/** A request that the thin path can answer: JSON in and out, known procedures, the right method. */
export type ParsedCall = {
  names: string[];
  procedures: AnyTRPCProcedure[];
  type: TRPCProcedureType;
  isBatch: boolean;
  /** JSON of the input in a GET's query. */
  queryInput: string | null;
};

/** Undefined for whatever the library's own handler should answer, in its own words. */
export function parseCall(request: Request, router: AnyTRPCRouter, endpoint: string): ParsedCall | undefined {
  const { method } = request;
  if ((method !== "POST" && method !== "GET") || !speaksPlainJson(request.headers, method)) return undefined;
  const url = cutCallUrl(request.url, endpoint);
  if (url === undefined) return undefined;
  const search = url.query === "" ? undefined : new URLSearchParams(url.query);
  if (search?.has("connectionParams")) return undefined;
  const isBatch = search?.get("batch") === "1";
  const names = isBatch ? decodeNames(url.names).split(",") : [decodeNames(url.names)];
  const procedures = findProcedures(router, names);
  const type = procedures?.[0]?._def.type;
  if (procedures === undefined || type === undefined || !accepts(procedures, type, method)) return undefined;
  return { names, procedures, type, isBatch, queryInput: search?.get("input") ?? null };
}

function speaksPlainJson(headers: Headers, method: string): boolean {
  if (headers.get("trpc-accept") !== null || headers.get("accept")?.includes("application/jsonl")) return false;
  const contentType = headers.get("content-type");
  if (contentType === null) return method === "GET";
  return contentType === "application/json" || contentType.startsWith("application/json;");
}

/** What does not decode finds no procedure, so the library words the refusal. */
function decodeNames(names: string): string {
  if (!names.includes("%")) return names;
  try {
    return decodeURIComponent(names);
  } catch {
    return names;
  }
}

function findProcedures(router: AnyTRPCRouter, names: string[]): AnyTRPCProcedure[] | undefined {
  const { procedures } = router._def;
  const found: AnyTRPCProcedure[] = [];
  for (const name of names) {
    if (!Object.hasOwn(procedures, name)) return undefined;
    found.push(procedures[name]);
  }
  return found;
}

/** A query may be posted, because its input may not fit into a URL; a mutation is never a GET. */
function accepts(procedures: AnyTRPCProcedure[], type: TRPCProcedureType, method: string): boolean {
  if (type === "subscription" || (type === "mutation" && method === "GET")) return false;
  return procedures.every((procedure) => procedure._def.type === type);
}
