import { proceduresOf } from "@orderflow/common/openapi/create-document";
import type { JsonSchema } from "@orderflow/common/openapi/document";
import { createSchemaCollector } from "@orderflow/common/openapi/json-schemas";
import type { ProcedureMeta } from "@orderflow/common/openapi/procedure-meta";
import type { AnyTRPCRouter } from "@trpc/server";
import { accountRouter } from "../../gateway/handlers/account/router.ts";
import { settingsRouter } from "../../gateway/handlers/settings/router.ts";
import { inventoryRouter } from "../../inventory/handlers/router.ts";
import { notifyRouter } from "../../notify/handlers/router.ts";
import { orderRouter } from "../../order/handlers/router.ts";
import { workerRouter } from "../../worker/handlers/router.ts";

export type Procedure = {
  /** As a client names it, such as `order.place`. */
  name: string;
  service: string;
  type: "query" | "mutation" | "subscription";
  access: "anyone" | "customer" | "operator";
  /** Of its input, as JSON Schema; undefined when it takes none. */
  input: JsonSchema | undefined;
  /** What `$ref` refers to in it. */
  schemas: Record<string, JsonSchema>;
};

const routers: Record<string, AnyTRPCRouter> = {
  account: accountRouter,
  settings: settingsRouter,
  order: orderRouter,
  inventory: inventoryRouter,
  notify: notifyRouter,
  worker: workerRouter,
};

/** Everything that can be asked at the gateway, read from the routers themselves. */
export function publicProcedures(): Procedure[] {
  return Object.entries(routers).flatMap(([service, router]) =>
    proceduresOf(router).map(([path, { _def }]) => {
      const collector = createSchemaCollector();
      const [input] = _def.inputs as Parameters<typeof collector.convert>[0][];
      const { access = "anyone" }: ProcedureMeta = _def.meta ?? {};
      return {
        name: `${service}.${path}`,
        service,
        type: _def.type,
        access,
        input: input && collector.convert(input, "input"),
        schemas: collector.components,
      };
    }),
  );
}
