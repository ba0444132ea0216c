import { z } from "zod";
import type { JsonSchema } from "./document.ts";

export type SchemaCollector = {
  /** The schemas that have an id, by it. */
  components: Record<string, JsonSchema>;
  /** `input` is what may be sent, `output` what is answered: defaults and transformations make them differ. */
  convert(schema: z.ZodType, io: "input" | "output"): JsonSchema;
};

/** Converts zod schemas; those with an id (`.meta({ id: "Money" })`) are collected once and referred to by name. */
export function createSchemaCollector(): SchemaCollector {
  const components: Record<string, JsonSchema> = {};

  /** A schema that takes another form than it has in answers gets a name of its own. */
  function nameAll(definitions: Record<string, JsonSchema>): Map<string, string> {
    const names = new Map(Object.keys(definitions).map((id) => [id, id]));
    for (let isSettled = false; !isSettled; ) {
      isSettled = true;
      for (const [id, definition] of Object.entries(definitions)) {
        const known = components[names.get(id) ?? id];
        if (known === undefined || Bun.deepEquals(known, renameReferences(definition, names))) continue;
        if (names.get(id) !== id) throw new Error(`Three different schemas are called ${id}`);
        names.set(id, `${id}Input`);
        isSettled = false;
      }
    }
    return names;
  }

  return {
    components,
    convert(schema, io) {
      // Inside another schema, since one at the root is written out although it has an id.
      const wrapped = z.toJSONSchema(z.object({ it: schema }), { io, override: simplify });
      const definitions = (wrapped.$defs ?? {}) as Record<string, JsonSchema>;
      const names = nameAll(definitions);
      for (const [id, definition] of Object.entries(definitions)) {
        components[names.get(id) ?? id] = renameReferences(definition, names);
      }
      return renameReferences((wrapped.properties?.it ?? {}) as JsonSchema, names);
    },
  };
}

const formatsThatSayItAll = new Set(["uuid", "date-time", "email"]);

/** Leaves out what is no promise: patterns that a format implies, the bounds of JavaScript, and that nothing is ever added. */
function simplify({ jsonSchema }: { jsonSchema: JsonSchema }): void {
  if (jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
  if (formatsThatSayItAll.has(String(jsonSchema.format))) delete jsonSchema.pattern;
}

function renameReferences(schema: JsonSchema, names: ReadonlyMap<string, string>): JsonSchema {
  const { id: _, ...rest } = schema;
  const text = JSON.stringify(rest).replaceAll(
    /"\$ref":"#\/\$defs\/([^"]+)"/g,
    (_match, id: string) => `"$ref":"#/components/schemas/${names.get(id) ?? id}"`,
  );
  return JSON.parse(text) as JsonSchema;
}
