import type { RestField, RestRoute, ValueType } from "./rest-routes.ts";

export type RestRequest = {
  route: RestRoute;
  /** The path's fields, in their order, as they stand in the URL. */
  values: readonly string[];
  query: Iterable<readonly [string, string]>;
  header: (name: string) => string | null;
  body: Record<string, unknown>;
};

/** By name of the parameter, what is wrong with it. */
export type Faults = Record<string, string[]>;

/**
 * The input of the procedure, or what is wrong with the request. Texts become the numbers and booleans that the
 * schema asks for; one that is none stays as it is, so that the procedure refuses it in its own words.
 */
export function readRestInput({ route, values, query, header, body }: RestRequest): { input: unknown; faults: Faults } {
  const faults: Faults = {};
  const given = new Map<string, unknown>(Object.entries(body));
  for (const [index, field] of route.inPath.entries())
    given.set(field.field, decode(values[index] ?? "", field, faults));
  for (const field of route.inHeaders) {
    const value = header(field.name);
    if (value === null) given.delete(field.field);
    else given.set(field.field, coerce(unquote(value), field.type));
  }
  for (const [field, value] of readQuery(route.inQuery, query, faults)) given.set(field, value);
  const takesInput = route.inPath.length + route.inQuery.length + route.inHeaders.length > 0 || route.hasBody;
  return { input: takesInput ? Object.fromEntries(given) : undefined, faults };
}

/** What the procedure calls its input, by the names that the caller used. */
export function renameFields(fields: Faults, { inHeaders }: RestRoute): Faults {
  const names = new Map(inHeaders.map(({ field, name }) => [field, name]));
  return Object.fromEntries(Object.entries(fields).map(([field, faults]) => [names.get(field) ?? field, faults]));
}

/** An unknown parameter is refused: a filter with a slip in its name would show everything. */
function readQuery(fields: RestField[], query: RestRequest["query"], faults: Faults): Map<string, unknown> {
  const read = new Map<string, unknown>();
  for (const [name, text] of query) {
    const field = fields.find((known) => known.name === name);
    if (field === undefined) {
      setOwn(faults, name.slice(0, 100), ["There is no such parameter"]);
    } else if (field.isList) {
      const list = (read.get(field.field) ?? []) as unknown[];
      read.set(field.field, [...list, coerce(text, field.type)]);
    } else if (read.has(field.field)) {
      setOwn(faults, name, ["Given more than once"]);
    } else {
      read.set(field.field, coerce(text, field.type));
    }
  }
  return read;
}

function decode(text: string, { name, type }: RestField, faults: Faults): unknown {
  try {
    return coerce(decodeURIComponent(text), type);
  } catch {
    setOwn(faults, name, ["The path is not percent-encoded UTF-8"]);
    return undefined;
  }
}

const number = /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/;

function coerce(text: string, type: ValueType): unknown {
  if (type === "boolean") return text === "true" ? true : text === "false" ? false : text;
  if (type === "string" || !number.test(text)) return text;
  return Number(text);
}

/** The header may be a structured field (RFC 9651), which puts a string in quotes. */
function unquote(text: string): string {
  return /^"[^"\\]*"$/.test(text) ? text.slice(1, -1) : text;
}

function setOwn(faults: Faults, name: string, value: string[]): void {
  Object.defineProperty(faults, name, { value, enumerable: true, configurable: true, writable: true });
}
