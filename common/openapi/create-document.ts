import type { AnyTRPCProcedure, AnyTRPCRouter } from "@trpc/server";
import type { JsonSchema, OpenApiDocument } from "./document.ts";
import { documentOperation } from "./document-operation.ts";
import { createSchemaCollector } from "./json-schemas.ts";

export type DocumentOptions = {
  service: string;
  /** What the service is for, in a sentence. */
  description: string;
  /** Semantic: a change that breaks clients needs another major version. */
  version: string;
  router: AnyTRPCRouter;
};

export const securitySchemes: Record<string, JsonSchema> = {
  bearer: {
    type: "http",
    scheme: "bearer",
    description: "A JWT from `GET /auth/token`, or the session token that signing in answers in `set-auth-token`.",
  },
  cookie: {
    type: "apiKey",
    in: "cookie",
    name: "better-auth.session_token",
    description: "For browsers, on pages of trusted origins. Over TLS its name begins with `__Secure-`.",
  },
  apiKey: { type: "apiKey", in: "header", name: "x-api-key", description: "For programs." },
};

export const license = { name: "Apache-2.0", identifier: "Apache-2.0" };

/** The OpenAPI document of a service: the procedures of its router that are marked public, as the gateway serves them. */
export function createDocument({ service, description, version, router }: DocumentOptions): OpenApiDocument {
  const schemas = createSchemaCollector();
  const examples: OpenApiDocument["components"]["examples"] = {};
  const paths: OpenApiDocument["paths"] = {};
  for (const [name, procedure] of proceduresOf(router)) {
    const documented = documentOperation({ service, name, procedure, schemas, examples });
    if (documented === undefined) continue;
    const { path, method, operation } = documented;
    const operations = paths[path] ?? {};
    if (operations[method]) throw new Error(`${method} ${path} is ${operations[method].operationId} already`);
    paths[path] = { ...operations, [method]: operation };
  }
  return {
    openapi: "3.1.1",
    info: { title: `orderflow: ${service}`, version, description, license },
    servers: [{ url: "/", description: "The gateway serves these paths" }],
    tags: [{ name: service, description }],
    paths,
    components: { schemas: schemas.components, examples, securitySchemes },
  };
}

/** Every procedure of a router with its path, such as `place`. */
export function proceduresOf(router: AnyTRPCRouter): [string, AnyTRPCProcedure][] {
  return Object.entries(router._def.procedures as Record<string, AnyTRPCProcedure>);
}
