import type { OpenApiDocument, Operation, Parameter } from "@orderflow/common/openapi/document";
import { compareSchemas, type Versions } from "./compare-schemas.ts";

/** What breaks clients, in words. None of it counts when the first number of the version went up. */
export function compareApis(before: OpenApiDocument, after: OpenApiDocument): string[] {
  if (majorOf(after.info.version) > majorOf(before.info.version)) return [];
  const schemas = { before: before.components.schemas, after: after.components.schemas };
  const operations = operationsOf(after);
  const names = new Set([...operations.values()].map(({ operationId }) => operationId));
  return [...operationsOf(before)].flatMap(([route, was]) => {
    const is = operations.get(route);
    const gone = names.has(was.operationId) ? [] : [`${was.operationId}: removed`];
    if (is === undefined) return [...gone, `${route}: removed`];
    return [...gone, ...compareOperations(route, { was, is }, schemas)];
  });
}

export function majorOf(version: string): number {
  return Number(version.split(".")[0]);
}

/** `POST /api/v1/orders` with its operation. */
function operationsOf({ paths }: OpenApiDocument): Map<string, Operation> {
  return new Map(
    Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => [`${method.toUpperCase()} ${path}`, operation]),
    ),
  );
}

type Change = { was: Operation; is: Operation };
type Schemas = Pick<Versions, "before" | "after">;

function compareOperations(route: string, change: Change, schemas: Schemas): string[] {
  const { was, is } = change;
  return [
    ...(was.security.length === 0 && is.security.length > 0 ? [`${route}: needs credentials now`] : []),
    ...compareParameters(route, change, schemas),
    ...compareBodies(route, change, schemas),
    ...compareAnswers(route, change, schemas),
  ];
}

function compareParameters(route: string, { was, is }: Change, schemas: Schemas): string[] {
  const keyOf = ({ in: place, name }: Parameter) => `${place} ${name}`;
  const before = new Map((was.parameters ?? []).map((parameter) => [keyOf(parameter), parameter]));
  const after = new Map((is.parameters ?? []).map((parameter) => [keyOf(parameter), parameter]));
  const changed = [...before].flatMap(([key, old]) => {
    const at = `${route} ${key}`;
    const young = after.get(key);
    if (young === undefined) return [`${at}: removed`];
    return compareSchemas({ before: old.schema, after: young.schema, at }, { ...schemas, direction: "input" });
  });
  const asked = [...after].filter(([key, { required }]) => required && !before.get(key)?.required);
  return [...changed, ...asked.map(([key]) => `${route} ${key}: required now`)];
}

function compareBodies(route: string, { was, is }: Change, schemas: Schemas): string[] {
  const [before, after] = [was, is].map(({ requestBody }) => requestBody?.content["application/json"]?.schema);
  const empty = { type: "object" };
  const at = `${route} body`;
  return compareSchemas({ before: before ?? empty, after: after ?? empty, at }, { ...schemas, direction: "input" });
}

function compareAnswers(route: string, { was, is }: Change, schemas: Schemas): string[] {
  return Object.entries(was.responses)
    .filter(([status]) => status.startsWith("2"))
    .flatMap(([status, { content = {} }]) => {
      const now = is.responses[status];
      if (now === undefined) return [`${route} ${status}: removed`];
      return Object.entries(content).flatMap(([type, { schema }]) => {
        const after = now.content?.[type]?.schema;
        const at = `${route} ${status}`;
        if (after === undefined) return [`${at} ${type}: removed`];
        return compareSchemas({ before: schema, after, at }, { ...schemas, direction: "output" });
      });
    });
}
