import { restPrefix } from "@orderflow/common/openapi/document";
import { defaultBounds } from "@orderflow/common/trpc/bounds";
import { readCalls } from "../domain/read-calls.ts";
import type { Route } from "./limits/refuse-too-many.ts";
import type { RestApi } from "./rest/rest-api.ts";

/** Whom a request is for: services, each once, or "accounts"; none for what nobody answers. */
export type TargetNamer = (request: Request, route: Route) => readonly string[];

type Options = { services: ReadonlySet<string>; restApi: Pick<RestApi, "table"> };

const accounts = ["accounts"];
const { maxBatchSize: maxCalls } = defaultBounds;

/** Looks at the method and the URL alone, so that it costs next to nothing. */
export function createTargetNamer({ services, restApi }: Options): TargetNamer {
  /** Read as the door reads it: what is forwarded must have been counted. */
  function ofCalls(url: string): string[] {
    const { calls } = readCalls(url, { endpoint: "/trpc", services, maxCalls });
    return [...new Set(calls.flatMap(({ service }) => service ?? []))];
  }

  function ofRest(method: string, path: string): string[] {
    const found = restApi.table().match(method === "HEAD" ? "GET" : method, path.slice(restPrefix.length));
    return found && "route" in found ? [found.route.service] : [];
  }

  return ({ method, url }, route) => {
    // Pages of a browser ask so whether they may ask.
    if (method === "OPTIONS") return [];
    if (route === "/auth") return accounts;
    return route === "/trpc" ? ofCalls(url) : ofRest(method, pathOf(url));
  };
}

/** The raw path, neither decoded nor normalized. */
function pathOf(url: string): string {
  const start = url.indexOf("/", url.indexOf("//") + 2);
  const end = url.indexOf("?", start);
  return end < 0 ? url.slice(start) : url.slice(start, end);
}
