import { restPrefix } from "@orderflow/common/openapi/document";
import type { Route } from "./limits/refuse-too-many.ts";
import type { RestApi } from "./rest/rest-api.ts";

/** Whom a request is for: a service, or "accounts"; undefined for what nobody answers. Of a batch, the first call's. */
export type TargetNamer = (request: Request, route: Route) => string | undefined;

type Options = { services: ReadonlySet<string>; restApi: Pick<RestApi, "table"> };

/** Looks at the method and the path alone, so that it costs next to nothing. */
export function createTargetNamer({ services, restApi }: Options): TargetNamer {
  function ofCall(path: string): string | undefined {
    const name = path.slice("/trpc/".length, path.indexOf("."));
    return services.has(name) ? name : undefined;
  }

  function ofRest(method: string, path: string): string | undefined {
    const found = restApi.table().match(method === "HEAD" ? "GET" : method, path.slice(restPrefix.length));
    return found && "route" in found ? found.route.service : undefined;
  }

  return ({ method, url }, route) => {
    // Pages of a browser ask so whether they may ask.
    if (method === "OPTIONS") return undefined;
    if (route === "/auth") return "accounts";
    const path = pathOf(url);
    return route === "/trpc" ? ofCall(path) : ofRest(method, path);
  };
}

/** The raw path, neither decoded nor normalized. */
function pathOf(url: string): string {
  const start = url.indexOf("/", url.indexOf("//") + 2);
  const end = url.indexOf("?", start);
  return end < 0 ? url.slice(start) : url.slice(start, end);
}
