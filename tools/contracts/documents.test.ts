import { describe, expect, test } from "bun:test";
import { createAsyncApi, exampleOf } from "@orderflow/common/asyncapi/create-asyncapi";
import { publishedEvents } from "@orderflow/common/asyncapi/published-events";
import { nobody } from "@orderflow/common/auth/caller";
import { catalog, type EventType } from "@orderflow/common/events/catalog";
import { Envelope } from "@orderflow/common/messaging/envelope";
import { proceduresOf } from "@orderflow/common/openapi/create-document";
import type { ProcedureMeta } from "@orderflow/common/openapi/procedure-meta";
import { Validator } from "@seriousme/openapi-schema-validator";
import type { AnyTRPCProcedure, AnyTRPCRouter } from "@trpc/server";
import Ajv from "ajv";
import addFormats from "ajv-formats";
import { accountRouter } from "../../gateway/handlers/account/router.ts";
import { mergeDocuments } from "../../gateway/handlers/rest/merge-documents.ts";
import { settingsRouter } from "../../gateway/handlers/settings/router.ts";
import { inventoryRouter } from "../../inventory/handlers/router.ts";
import { notifyRouter } from "../../notify/handlers/router.ts";
import { orderRouter } from "../../order/handlers/router.ts";
import { workerRouter } from "../../worker/handlers/router.ts";
import { currentContracts } from "./current-contracts.ts";

const routers: Record<string, AnyTRPCRouter> = {
  order: orderRouter,
  inventory: inventoryRouter,
  notify: notifyRouter,
  worker: workerRouter,
  account: accountRouter,
  settings: settingsRouter,
};
const { apis } = currentContracts();
const merged = mergeDocuments(new Map(Object.entries(apis)));

const procedures = Object.entries(routers).flatMap(([service, router]) =>
  proceduresOf(router).map(([name, procedure]) => ({ id: `${service}.${name}`, procedure, meta: metaOf(procedure) })),
);

type Schema = { parse(value: unknown): unknown };

function required<T>(example: T | undefined): T {
  if (example === undefined) throw new Error("The procedure has no example");
  return example;
}

function metaOf(procedure: AnyTRPCProcedure): ProcedureMeta {
  return procedure._def.meta ?? {};
}

test.each([...Object.entries(apis), ["gateway", merged] as const])(
  "the OpenAPI document of %s is valid",
  async (_, document) => {
    const result = await new Validator().validate(structuredClone(document));
    expect(result.errors ?? []).toEqual([]);
    expect(result.valid).toBe(true);
  },
);

test("every reference of the merged document leads somewhere", () => {
  const references = [...JSON.stringify(merged).matchAll(/"\$ref":"#\/components\/(\w+)\/([^"]+)"/g)];
  const components = merged.components as Record<string, Record<string, unknown>>;
  expect(references.length).toBeGreaterThan(50);
  expect(references.filter(([, kind = "", name = ""]) => components[kind]?.[name] === undefined)).toEqual([]);
});

describe.each(procedures)("$id", ({ id, procedure, meta }) => {
  const rest = meta.openapi;

  test("has REST, and is in the merged document", () => {
    const operations = Object.values(merged.paths).flatMap((methods) => Object.values(methods));
    expect(rest).toBeDefined();
    expect(operations.filter(({ operationId }) => operationId === id)).toHaveLength(1);
  });

  test("is read by GET and changes by another method", () => {
    expect(rest?.method === "GET").toBe(procedure._def.type !== "mutation");
  });

  test("shows examples that its own schemas take", () => {
    const [input] = procedure._def.inputs as Schema[];
    const { output } = procedure._def as { output?: Schema };
    const told: Schema | undefined = procedure._def.type === "subscription" ? rest?.yields : output;
    if (input) expect(input.parse(required(rest?.example?.input))).toBeDefined();
    expect(told?.parse(required(rest?.example?.output))).toEqual(rest?.example?.output);
  });

  test("says who may call it as it sees to it", async () => {
    const refusal = async (role: "nobody" | "customer") => {
      const ctx = { caller: { ...nobody, role } };
      try {
        const call = procedure as unknown as (options: object) => Promise<unknown>;
        await call({ ctx, path: id, type: procedure._def.type, getRawInput: async () => undefined, signal: undefined });
      } catch (error) {
        return (error as { code?: string }).code;
      }
      return undefined;
    };
    expect((await refusal("nobody")) === "UNAUTHORIZED").toBe((meta.access ?? "anyone") !== "anyone");
    expect((await refusal("customer")) === "FORBIDDEN").toBe(meta.access === "operator");
  });
});

describe("the AsyncAPI document", () => {
  const document = createAsyncApi() as {
    channels: Record<string, { address: string }>;
    components: { schemas: object };
  };

  test("is valid", async () => {
    const ajv = new Ajv({ allErrors: true, strict: false, validateFormats: true });
    addFormats(ajv);
    const specification = await import("@asyncapi/specs/schemas/3.0.0-without-$id.json");
    const validate = ajv.compile(structuredClone(specification.default));
    validate(structuredClone(document));
    expect(validate.errors ?? []).toEqual([]);
  });

  test("has a channel for each stream and a schema for each type", () => {
    const streams = new Set(Object.values(catalog).map(({ stream }) => stream));
    expect(Object.keys(document.channels).sort()).toEqual([...streams].sort());
    expect(document.channels["order.commands.worker"]?.address).toBe("orderflow/v1/cmd/worker/order.commands.worker");
    for (const type of Object.keys(catalog)) expect(Object.keys(document.components.schemas)).toContain(type);
  });

  test.each(Object.keys(catalog) as EventType[])("shows an example of %s that its listeners can read", (type) => {
    expect(catalog[type].schema.parse(publishedEvents[type].example)).toEqual(publishedEvents[type].example as never);
    expect(Envelope.parse(exampleOf(type))).toEqual(exampleOf(type));
    const ajv = new Ajv({ strict: false });
    addFormats(ajv);
    const { schemas } = document.components as { schemas: Record<string, object> };
    const validate = ajv.compile({ $ref: `#/components/schemas/${type}`, components: { schemas } });
    expect([validate(exampleOf(type)), validate.errors]).toEqual([true, null]);
  });
});
