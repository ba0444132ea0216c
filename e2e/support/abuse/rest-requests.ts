import type { JsonSchema, OpenApiDocument, Operation } from "@orderflow/common/openapi/document";
import fc from "fast-check";
import { escaped, type FuzzRequest, fuzzCaller, jsonText, oddHeaders } from "./fuzz-request.ts";
import { hostileValue } from "./hostile-values.ts";
import { spoiled } from "./spoiled-value.ts";
import { type Pools, validValue } from "./valid-value.ts";

type Route = { path: string; method: string; operation: Operation };
type Values = { path: Record<string, unknown>; query: Record<string, unknown>; header: Record<string, unknown> };

/** What the gateway's own document says can be asked by REST; none where there is no document. */
export async function readDocument(gateway: string): Promise<OpenApiDocument | undefined> {
  const answer = await fetch(`${gateway}/openapi.json`);
  return answer.ok ? ((await answer.json()) as OpenApiDocument) : undefined;
}

export function restRequest({ paths, components }: OpenApiDocument, pools: Pools): fc.Arbitrary<FuzzRequest> {
  const routes: Route[] = Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );
  const source = { schemas: components.schemas, pools };
  return fc.constantFrom(...routes).chain(({ path, method, operation }) => {
    const bodySchema = operation.requestBody?.content["application/json"]?.schema as JsonSchema | undefined;
    const body = bodySchema && validValue(bodySchema, source);
    const inPlace = (place: string, isOptional = false) =>
      fc.record(
        Object.fromEntries(
          (operation.parameters ?? [])
            .filter((parameter) => parameter.in === place)
            .map(({ name, schema }) => [name, fieldOf((schema ?? {}) as JsonSchema, { source, name })]),
        ),
        { noNullPrototype: true, ...(isOptional && { requiredKeys: [] }) },
      );
    return fc
      .record({
        caller: fuzzCaller,
        path: inPlace("path"),
        query: inPlace("query", true),
        header: inPlace("header"),
        odd: fc.oneof({ weight: 3, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: oddHeaders }),
        method: fc.oneof({ weight: 12, arbitrary: fc.constant(method) }, fc.constantFrom("DELETE", "PATCH", "HEAD")),
        text: body ? jsonText(bodyOf(body)) : fc.constant(undefined),
      })
      .map(({ caller, odd, method: used, text, ...values }) => ({
        about: `${used} ${path}`,
        caller,
        method: used,
        path: fill(path, values),
        headers: { ...(text !== undefined && { "content-type": "application/json" }), ...plain(values.header), ...odd },
        body: used === "GET" || used === "HEAD" ? undefined : text,
      }));
  });
}

function bodyOf(valid: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  return fc.oneof(
    { weight: 5, arbitrary: valid },
    { weight: 4, arbitrary: spoiled(valid) },
    { weight: 1, arbitrary: hostileValue },
  );
}

type Field = { source: Parameters<typeof validValue>[1]; name: string };

function fieldOf(schema: JsonSchema, { source, name }: Field): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 7, arbitrary: validValue(schema, source, name) }, { weight: 1, arbitrary: hostileValue });
}

function fill(template: string, { path, query }: Values): string {
  const filled = template.replaceAll(/\{(\w+)\}/g, (_, name: string) => escaped(path[name] ?? ""));
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    (Array.isArray(value) ? value.slice(0, 20) : [value]).map((each) => `${escaped(name)}=${escaped(each)}`),
  );
  return pairs.length === 0 ? filled : `${filled}?${pairs.join("&")}`;
}

/** HTTP has no way to send the rest, and fetch refuses to try. */
function plain(values: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => {
      const text = String(typeof value === "string" ? value : JSON.stringify(value)).slice(0, 1_000);
      return /^[\x20-\x7e]*$/.test(text) ? [[name, text]] : [];
    }),
  );
}
