import type { JsonSchema } from "@orderflow/common/openapi/document";

/** `input`: what was accepted must still be. `output`: what is answered must still be what was promised. */
export type Direction = "input" | "output";

type Schemas = Record<string, JsonSchema>;
/** Where references of the two versions lead. */
export type Versions = { before: Schemas; after: Schemas; direction: Direction };

type Pair = { before: JsonSchema; after: JsonSchema; at: string };

const maxDepth = 20;

/** Each change of a schema that breaks who used the version before, in words. Additions are none. */
export function compareSchemas({ before, after, at }: Pair, versions: Versions, depth = 0): string[] {
  if (depth > maxDepth) return [];
  const [was, is] = [alternatives(before, versions.before), alternatives(after, versions.after)];
  const [narrow, wide] = versions.direction === "input" ? [was, is] : [is, was];
  const [only, other] = [was[0], is[0]];
  if (was.length === 1 && is.length === 1 && only && other) {
    return compareOne({ before: only, after: other, at }, versions, depth);
  }
  return narrow.flatMap((one) => {
    const fits = wide.some((another) => {
      const [old, young] = versions.direction === "input" ? [one, another] : [another, one];
      return compareOne({ before: old, after: young, at }, versions, depth).length === 0;
    });
    if (fits) return [];
    const verb = versions.direction === "input" ? "is not accepted" : "is new in answers";
    return [`${at}: ${kindOf(one)} ${verb}`];
  });
}

function compareOne(pair: Pair, versions: Versions, depth: number): string[] {
  const { before, after, at } = pair;
  if (!acceptsKind(before, after, versions.direction)) {
    return [`${at}: the type was ${kindOf(before)} and is ${kindOf(after)}`];
  }
  return [
    ...compareValues(pair, versions.direction),
    ...compareBounds(pair, versions.direction),
    ...compareProperties(pair, versions, depth),
    ...compareItems(pair, versions, depth),
  ];
}

/** References followed, unions and nullable types as a list. */
function alternatives(schema: JsonSchema, schemas: Schemas): JsonSchema[] {
  if (typeof schema.$ref === "string") {
    return alternatives(schemas[schema.$ref.slice(schema.$ref.lastIndexOf("/") + 1)] ?? {}, schemas);
  }
  const union = schema.anyOf ?? schema.oneOf;
  if (Array.isArray(union)) return union.flatMap((one: JsonSchema) => alternatives(one, schemas));
  if (Array.isArray(schema.type)) return schema.type.map((type) => ({ ...schema, type }));
  return [schema];
}

function kindOf({ type, enum: values, const: value }: JsonSchema): string {
  if (type !== undefined) return String(type);
  return values !== undefined || value !== undefined ? "one of certain values" : "anything";
}

function acceptsKind({ type: was }: JsonSchema, { type: is }: JsonSchema, direction: Direction): boolean {
  const [narrow, wide] = direction === "input" ? [was, is] : [is, was];
  return wide === undefined || wide === narrow || (wide === "number" && narrow === "integer");
}

/** A client of an API must live with values that it does not know, so a new one in an answer is no break. */
function compareValues({ before, after, at }: Pair, direction: Direction): string[] {
  const [was, is] = [valuesOf(before), valuesOf(after)];
  if (direction === "output" || is === undefined) return [];
  if (was === undefined) return [`${at}: only certain values are accepted`];
  const gone = was.filter((value) => !is.includes(value));
  return gone.map((value) => `${at}: the value ${JSON.stringify(value)} is not accepted`);
}

function valuesOf({ enum: values, const: value }: JsonSchema): unknown[] | undefined {
  if (Array.isArray(values)) return values;
  return value === undefined ? undefined : [value];
}

const lower = ["minimum", "exclusiveMinimum", "minLength", "minItems"];
const upper = ["maximum", "exclusiveMaximum", "maxLength", "maxItems"];

function compareBounds({ before, after, at }: Pair, direction: Direction): string[] {
  if (direction === "output") return [];
  const isTighter = (bound: string) => {
    const [was, is] = [before[bound], after[bound]];
    if (typeof is !== "number") return false;
    return typeof was !== "number" || (lower.includes(bound) ? is > was : is < was);
  };
  const tighter = [...lower, ...upper].filter(isTighter).map((bound) => `${at}: ${bound} is ${after[bound]}`);
  const other = ["pattern", "format"].filter((word) => after[word] !== undefined && after[word] !== before[word]);
  return [...tighter, ...other.map((word) => `${at}: another ${word} is asked for`)];
}

function compareProperties({ before, after, at }: Pair, versions: Versions, depth: number): string[] {
  const [was, is] = [propertiesOf(before), propertiesOf(after)];
  const [needed, needs] = [requiredOf(before), requiredOf(after)];
  const breaks = Object.entries(was).flatMap(([name, schema]) => {
    const place = `${at}.${name}`;
    const now = is[name];
    if (now === undefined) return [`${place}: removed`];
    const inside = compareSchemas({ before: schema, after: now, at: place }, versions, depth + 1);
    const isLost = versions.direction === "output" && needed.includes(name) && !needs.includes(name);
    return isLost ? [`${place}: may be missing now`, ...inside] : inside;
  });
  if (versions.direction === "output") return breaks;
  const asked = needs.filter((name) => !needed.includes(name));
  return [...breaks, ...asked.map((name) => `${at}.${name}: required now`)];
}

function compareItems({ before, after, at }: Pair, versions: Versions, depth: number): string[] {
  return ["items", "additionalProperties"].flatMap((word) => {
    const [was, is] = [before[word], after[word]];
    if (!isSchema(was) || !isSchema(is)) return [];
    return compareSchemas({ before: was, after: is, at: `${at}[]` }, versions, depth + 1);
  });
}

function propertiesOf({ properties }: JsonSchema): Schemas {
  return (properties ?? {}) as Schemas;
}

function requiredOf({ required }: JsonSchema): string[] {
  return (required ?? []) as string[];
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === "object" && value !== null;
}
