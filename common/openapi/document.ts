/** A JSON Schema, draft 2020-12, which is what OpenAPI 3.1 uses. */
export type JsonSchema = { [keyword: string]: unknown };

/** `x-input` is the field of the procedure's input when the parameter has another name. */
export type Parameter = {
  name: string;
  in: "path" | "query" | "header";
  required: boolean;
  description?: string;
  schema: JsonSchema;
  example?: unknown;
  "x-input"?: string;
};

export type MediaType = { schema: JsonSchema; example?: unknown; examples?: Record<string, { $ref: string }> };

export type ApiResponse = {
  description: string;
  headers?: Record<string, { description: string; schema: JsonSchema }>;
  content?: Record<string, MediaType>;
};

export type Operation = {
  /** `<service>.<procedure>`, as tRPC knows it. */
  operationId: string;
  summary: string;
  description?: string;
  tags: string[];
  security: Record<string, never[]>[];
  parameters?: Parameter[];
  requestBody?: { required: boolean; content: Record<string, MediaType> };
  responses: Record<string, ApiResponse>;
  /** Where the `Location` of what was made comes from, with fields of the answer in braces. */
  "x-location"?: string;
};

export type OpenApiDocument = {
  openapi: "3.1.1";
  info: { title: string; version: string; description: string; license: { name: string; identifier: string } };
  servers: { url: string; description?: string }[];
  tags: { name: string; description?: string }[];
  paths: Record<string, Record<string, Operation>>;
  components: {
    schemas: Record<string, JsonSchema>;
    examples: Record<string, { value: unknown }>;
    securitySchemes: Record<string, JsonSchema>;
  };
};

export const restPrefix = "/api/v1";
