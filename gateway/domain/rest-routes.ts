export type ValueType = "string" | "integer" | "number" | "boolean";

/** Where a field of a procedure's input comes from in an HTTP request. */
export type RestField = {
  /** In the path, the query or the headers. */
  name: string;
  /** In the input. */
  field: string;
  type: ValueType;
  /** Given as often as there are values. */
  isList: boolean;
};

/** An HTTP method and path, and the procedure that answers it. */
export type RestRoute = {
  method: string;
  /** Below the prefix. A field of the path stands as undefined. */
  segments: (string | undefined)[];
  service: string;
  procedure: string;
  inPath: RestField[];
  inQuery: RestField[];
  inHeaders: RestField[];
  hasBody: boolean;
  isStream: boolean;
  /** Of the answer when all went well. */
  status: number;
  /** The path of what was made, with fields of the answer in braces. */
  location: string | undefined;
};

export type RouteMatch = { route: RestRoute; values: string[] };

/** `match` gives the methods that the path has when the one asked for is not among them, and undefined for no path of ours. */
export type RestTable = { match(method: string, path: string): RouteMatch | { allowed: string[] } | undefined };

type Node = { literal: Map<string, Node>; field: Node | undefined; routes: Map<string, RestRoute> };

/** A literal goes before a field: `/orders/open` is not the order named open. Of two routes alike, the first stays. */
export function createRestTable(routes: readonly RestRoute[]): RestTable {
  const root = createNode();
  for (const route of routes) {
    const node = route.segments.reduce(grow, root);
    if (!node.routes.has(route.method)) node.routes.set(route.method, route);
  }
  return {
    match(method, path) {
      const segments = path.split("/").slice(1);
      const found = find(root, segments, 0, []);
      if (found === undefined) return undefined;
      const route = found.node.routes.get(method);
      return route ? { route, values: found.values } : { allowed: [...found.node.routes.keys()] };
    },
  };
}

function createNode(): Node {
  return { literal: new Map(), field: undefined, routes: new Map() };
}

function grow(node: Node, segment: string | undefined): Node {
  if (segment === undefined) {
    node.field ??= createNode();
    return node.field;
  }
  const next = node.literal.get(segment) ?? createNode();
  node.literal.set(segment, next);
  return next;
}

function find(node: Node, segments: string[], depth: number, values: string[]): Found | undefined {
  const segment = segments[depth];
  if (segment === undefined) return node.routes.size > 0 ? { node, values } : undefined;
  const literal = node.literal.get(segment);
  const found = literal && find(literal, segments, depth + 1, values);
  if (found || node.field === undefined || segment === "") return found;
  return find(node.field, segments, depth + 1, [...values, segment]);
}

type Found = { node: Node; values: string[] };
