import type { JsonSchema } from "@orderflow/common/openapi/document";
import fc from "fast-check";

/** Things that exist, so that more than the first look-up is reached. */
export type Pools = { ids: string[]; orderIds: string[]; skus: string[]; streams: string[] };

export type SchemaSource = { schemas: Record<string, JsonSchema>; pools: Pools };

/** What no schema lists, and a rule asks for. */
const countries = ["DE", "GB", "US"];
const currencies = ["EUR", "USD"];
const maxItems = 4;
const maxLength = 60;

/** Values that fit the schema, most of them: what a schema cannot say (`refine`) is not kept. */
export function validValue(schema: JsonSchema, source: SchemaSource, name = ""): fc.Arbitrary<unknown> {
  const known = resolve(schema, source);
  if (Array.isArray(known.enum)) return fc.constantFrom(...(known.enum as unknown[]));
  if ("const" in known) return fc.constant(known.const);
  const choices = known.anyOf ?? known.oneOf;
  if (Array.isArray(choices)) return fc.oneof(...choices.map((each: JsonSchema) => validValue(each, source, name)));
  switch (known.type) {
    case "object":
      return objectOf(known, source);
    case "array":
      return arrayOf(known, source, name);
    case "string":
      return textOf(known, source, name);
    case "integer":
      return integerOf(known);
    case "number":
      return fc.oneof(integerOf(known), fc.double({ noNaN: true, noDefaultInfinity: true }));
    case "boolean":
      return fc.boolean();
    case "null":
      return fc.constant(null);
    default:
      return fc.jsonValue({ maxDepth: 2 });
  }
}

function resolve(schema: JsonSchema, { schemas }: SchemaSource): JsonSchema {
  if (typeof schema.$ref !== "string") return schema;
  return schemas[schema.$ref.slice(schema.$ref.lastIndexOf("/") + 1)] ?? {};
}

function objectOf({ properties = {}, required = [] }: JsonSchema, source: SchemaSource): fc.Arbitrary<unknown> {
  const entries = Object.entries(properties as Record<string, JsonSchema>);
  const model = Object.fromEntries(entries.map(([name, schema]) => [name, validValue(schema, source, name)]));
  return fc.record(model, { requiredKeys: required as string[], noNullPrototype: true });
}

function arrayOf({ items, minItems = 0 }: JsonSchema, source: SchemaSource, name: string): fc.Arbitrary<unknown> {
  const least = Number(minItems);
  const item = validValue((items ?? {}) as JsonSchema, source, name);
  return fc.array(item, { minLength: least, maxLength: Math.max(least, maxItems) });
}

function textOf(schema: JsonSchema, { pools }: SchemaSource, name: string): fc.Arbitrary<string> {
  const { format, pattern, minLength = 0, maxLength: longest = maxLength } = schema;
  const pool = poolOf(name, pools);
  const any = anyText();
  if (pool.length === 0) return any;
  return fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...pool) }, { weight: 1, arbitrary: any });

  function anyText(): fc.Arbitrary<string> {
    if (format === "uuid") return name === "idempotencyKey" ? fc.uuid() : fc.oneof(fc.uuid(), fc.uuid({ version: 7 }));
    if (format === "email") return fc.emailAddress();
    if (format === "date-time") return fc.date({ noInvalidDate: true }).map((date) => date.toISOString());
    if (typeof pattern === "string") return fc.stringMatching(new RegExp(pattern), { size: "small" });
    const bounds = { minLength: Number(minLength), maxLength: Math.min(Number(longest), maxLength) };
    return fc.oneof(fc.string(bounds), fc.string({ ...bounds, unit: "grapheme" }));
  }
}

function poolOf(name: string, { ids, orderIds, skus, streams }: Pools): string[] {
  if (/^skus?$/.test(name)) return skus;
  if (name === "stream") return streams;
  if (name === "orderId") return orderIds;
  if (name === "country") return countries;
  if (name === "currency") return currencies;
  return name !== "idempotencyKey" && /Id$|^cursor$/.test(name) ? ids : [];
}

function integerOf({ minimum, maximum }: JsonSchema): fc.Arbitrary<number> {
  const min = Number(minimum ?? Number.MIN_SAFE_INTEGER);
  const max = Number(maximum ?? Number.MAX_SAFE_INTEGER);
  return fc.oneof(fc.integer({ min: Math.max(min, 0), max: Math.min(max, 100) }), fc.maxSafeInteger().map(clamp));

  function clamp(value: number): number {
    return Math.min(max, Math.max(min, value));
  }
}
