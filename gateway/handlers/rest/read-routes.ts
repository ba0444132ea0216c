import { type JsonSchema, type OpenApiDocument, type Operation, restPrefix } from "@orderflow/common/openapi/document";
import type { RestField, RestRoute, ValueType } from "../../domain/rest-routes.ts";

const valueTypes: ReadonlySet<unknown> = new Set<ValueType>(["string", "integer", "number", "boolean"]);

/** The routes that a service's document describes. */
export function readRoutes({ paths, components }: OpenApiDocument): RestRoute[] {
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => readRoute({ path, method, operation, components })),
  );
}

type Source = { path: string; method: string; operation: Operation; components: OpenApiDocument["components"] };

function readRoute({ path, method, operation, components }: Source): RestRoute {
  const { operationId, responses } = operation;
  const [service = "", ...procedure] = operationId.split(".");
  const [status = "200", success] = Object.entries(responses).find(([code]) => code.startsWith("2")) ?? [];
  const parameters = (place: string): RestField[] =>
    (operation.parameters ?? [])
      .filter((parameter) => parameter.in === place)
      .map((parameter) => ({
        name: parameter.name,
        field: parameter["x-input"] ?? parameter.name,
        ...readType(parameter.schema ?? {}, components),
      }));
  const segments = path.slice(restPrefix.length + 1).split("/");
  const names = segments.filter(isField).map((segment) => segment.slice(1, -1));
  const inPath = parameters("path");
  return {
    method: method.toUpperCase(),
    segments: segments.map((segment) => (isField(segment) ? undefined : segment)),
    service,
    procedure: procedure.join("."),
    inPath: names.map((name) => inPath.find((field) => field.name === name) ?? textField(name)),
    inQuery: parameters("query"),
    inHeaders: parameters("header"),
    hasBody: operation.requestBody !== undefined,
    isStream: success?.content !== undefined && "text/event-stream" in success.content,
    status: Number(status),
    location: operation["x-location"],
  };
}

function isField(segment: string): boolean {
  return segment.startsWith("{");
}

function textField(name: string): RestField {
  return { name, field: name, type: "string", isList: false };
}

function readType(schema: JsonSchema, components: OpenApiDocument["components"]): Pick<RestField, "type" | "isList"> {
  const known = resolve(schema, components);
  const isList = known.type === "array";
  const { type } = isList ? resolve((known.items ?? {}) as JsonSchema, components) : known;
  return { type: valueTypes.has(type) ? (type as ValueType) : "string", isList };
}

function resolve(schema: JsonSchema, { schemas }: OpenApiDocument["components"]): JsonSchema {
  if (typeof schema.$ref !== "string") return schema;
  return schemas[schema.$ref.slice(schema.$ref.lastIndexOf("/") + 1)] ?? {};
}
