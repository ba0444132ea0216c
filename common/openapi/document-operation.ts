import type { AnyTRPCProcedure } from "@trpc/server";
import type { z } from "zod";
import { type ApiResponse, type JsonSchema, type Operation, type Parameter, restPrefix } from "./document.ts";
import { type Examples, errorResponses } from "./error-responses.ts";
import type { SchemaCollector } from "./json-schemas.ts";
import { Problem } from "./problem.ts";
import type { ProcedureMeta, RestMeta } from "./procedure-meta.ts";

export type Documented = { path: string; method: string; operation: Operation };

type Source = {
  service: string;
  /** Its path in the router. */
  name: string;
  procedure: AnyTRPCProcedure;
  schemas: SchemaCollector;
  /** Of problems; those of the operation are added. */
  examples: Examples;
};

type Input = { properties: Record<string, JsonSchema>; required: string[] };

/** These fields of an input have headers of their own in HTTP. */
const headers: Record<string, { name: string; description: string }> = {
  idempotencyKey: {
    name: "Idempotency-Key",
    description:
      "A UUID of your making. The same call under the same key is carried out once, however often it is sent.",
  },
  lastEventId: { name: "Last-Event-ID", description: "The id of the last event seen; EventSource sends it by itself." },
};

/** The operation of a procedure, or undefined when it is not marked public. Throws when its mark contradicts its input. */
export function documentOperation({ service, name, procedure, schemas, examples }: Source): Documented | undefined {
  const meta: ProcedureMeta = procedure._def.meta ?? {};
  const rest = meta.openapi;
  if (rest === undefined) return undefined;
  const operationId = `${service}.${name}`;
  const { parameters, body } = divide(inputOf(procedure, schemas), rest, operationId);
  const example = bodyExample(rest, body);
  const operation: Operation = {
    operationId,
    summary: rest.summary,
    ...(rest.description && { description: rest.description }),
    tags: [service],
    security: (meta.access ?? "anyone") === "anyone" ? [] : [{ bearer: [] }, { cookie: [] }, { apiKey: [] }],
    ...(parameters.length > 0 && { parameters }),
    ...(body && {
      requestBody: {
        required: (body.required as string[]).length > 0,
        content: { "application/json": { schema: body, ...(example && { example }) } },
      },
    }),
    responses: {
      ...successResponse(procedure, rest, schemas),
      ...errorResponses(meta, { problem: schemas.convert(Problem, "output"), examples }),
    },
    ...(rest.created && { "x-location": restPrefix + rest.created }),
  };
  return { path: restPrefix + rest.path.replace(":service", service), method: rest.method.toLowerCase(), operation };
}

function inputOf(procedure: AnyTRPCProcedure, schemas: SchemaCollector): Input {
  const [schema, ...more] = procedure._def.inputs as z.ZodType[];
  if (more.length > 0) throw new Error("A documented procedure has one input schema");
  if (schema === undefined) return { properties: {}, required: [] };
  const { properties, required } = schemas.convert(schema, "input") as Partial<Input>;
  return { properties: properties ?? {}, required: required ?? [] };
}

/** Each field travels in the path, in a header, in the query or in the body. */
function divide(input: Input, { method, path, example }: RestMeta, operationId: string) {
  const exampleOf = (field: string) => {
    const given = example?.input?.[field];
    return given === undefined ? {} : { example: given };
  };
  const parameters: Parameter[] = [];
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, field]) => field ?? "");
  for (const name of inPath) {
    const schema = input.properties[name];
    if (schema === undefined) throw new Error(`${operationId} has no input ${name}, which its path names`);
    parameters.push({ name, in: "path", required: true, schema, ...exampleOf(name) });
  }
  const properties: Record<string, JsonSchema> = {};
  for (const [field, schema] of Object.entries(input.properties)) {
    const required = input.required.includes(field);
    const header = headers[field];
    if (inPath.includes(field)) continue;
    if (header) parameters.push({ ...header, in: "header", required, schema, ...exampleOf(field), "x-input": field });
    else if (method === "GET" || method === "DELETE")
      parameters.push({ name: field, in: "query", required, schema, ...exampleOf(field) });
    else properties[field] = schema;
  }
  const required = input.required.filter((field) => field in properties);
  const body = Object.keys(properties).length === 0 ? undefined : { type: "object", properties, required };
  return { parameters, body };
}

function bodyExample({ example }: RestMeta, body: JsonSchema | undefined): Record<string, unknown> | undefined {
  if (body === undefined || example?.input === undefined) return undefined;
  const fields = Object.keys(body.properties as object);
  return Object.fromEntries(Object.entries(example.input).filter(([field]) => fields.includes(field)));
}

function successResponse(
  procedure: AnyTRPCProcedure,
  rest: RestMeta,
  schemas: SchemaCollector,
): Record<string, ApiResponse> {
  const example = rest.example?.output;
  const exampleOutput = example === undefined ? {} : { example };
  if (procedure._def.type === "subscription") {
    const schema = rest.yields ? schemas.convert(rest.yields, "output") : {};
    const description = "Server-sent events. The data of each is JSON of this schema; `id` is where to go on from.";
    return { 200: { description, content: { "text/event-stream": { schema, ...exampleOutput } } } };
  }
  const { output } = procedure._def as { output?: z.ZodType };
  if (output === undefined) throw new Error(`The procedure at ${rest.path} has no output schema`);
  const content = { "application/json": { schema: schemas.convert(output, "output"), ...exampleOutput } };
  if (rest.created === undefined) return { 200: { description: "Done", content } };
  const location = { description: "Where it is from now on", schema: { type: "string" } };
  return { 201: { description: "Made", headers: { Location: location }, content } };
}
