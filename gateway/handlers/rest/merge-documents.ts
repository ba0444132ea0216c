import { license, securitySchemes } from "@orderflow/common/openapi/create-document";
import type { JsonSchema, OpenApiDocument } from "@orderflow/common/openapi/document";

const description = `Everything that can be asked of the shop, by REST. The same procedures are at \`/trpc\` under the
operations' ids, for typed clients.

Send \`Authorization: Bearer <token>\`, an API key, or, from a page of a trusted origin, the session cookie.
What goes wrong is answered as \`application/problem+json\` (RFC 9457), with a stable \`reason\`.`;

/** One document of all services. Schemas of one name that differ get their service's name before theirs. */
export function mergeDocuments(documents: ReadonlyMap<string, OpenApiDocument>): OpenApiDocument {
  const all = [...documents.values()];
  const paths: OpenApiDocument["paths"] = {};
  const schemas: Record<string, JsonSchema> = {};
  for (const [service, document] of documents) {
    const renamed = renameConflicts(document, schemas, service);
    Object.assign(schemas, renamed.components.schemas);
    for (const [path, operations] of Object.entries(renamed.paths)) paths[path] = { ...operations, ...paths[path] };
  }
  return {
    openapi: "3.1.1",
    info: { title: "orderflow", version: "1.0.0", description, license },
    servers: [{ url: "/" }],
    tags: all.flatMap(({ tags }) => tags),
    paths,
    components: {
      schemas,
      examples: Object.assign({}, ...all.map(({ components }) => components.examples)),
      securitySchemes,
    },
  };
}

function renameConflicts(
  document: OpenApiDocument,
  schemas: Record<string, JsonSchema>,
  service: string,
): OpenApiDocument {
  const conflicts = Object.entries(document.components.schemas)
    .filter(([name, schema]) => schemas[name] !== undefined && !Bun.deepEquals(schemas[name], schema))
    .map(([name]) => name);
  if (conflicts.length === 0) return document;
  const nameOf = (name: string) =>
    conflicts.includes(name) ? `${service.charAt(0).toUpperCase()}${service.slice(1)}${name}` : name;
  const text = JSON.stringify(document).replaceAll(
    /"#\/components\/schemas\/([^"]+)"/g,
    (_, name: string) => `"#/components/schemas/${nameOf(name)}"`,
  );
  const renamed = JSON.parse(text) as OpenApiDocument;
  const entries = Object.entries(renamed.components.schemas).map(([name, schema]) => [nameOf(name), schema]);
  return { ...renamed, components: { ...renamed.components, schemas: Object.fromEntries(entries) } };
}
