import { SettingService, settingServices, settingsOf } from "@orderflow/common/settings/setting-catalog";
import { SettingValues } from "@orderflow/common/settings/setting-values";
import { z } from "zod";
import { exampleInstance, exampleVersion, Instance, SettingVersionView, Version, viewOf } from "./setting-views.ts";
import { operatorProcedure } from "./trpc.ts";

const Definition = z.object({
  name: z.string(),
  description: z.string(),
  /** Where neither the environment nor a central setting says otherwise. */
  default: z.unknown(),
  /** As JSON Schema. */
  bounds: z.record(z.string(), z.unknown()),
  isDemonstration: z.boolean(),
});

const Settings = z.object({
  service: SettingService,
  version: Version,
  values: SettingValues,
  latest: SettingVersionView.nullable(),
  definitions: z.array(Definition),
  instances: z.array(Instance).max(500),
});

const exampleDefinition = {
  name: "lowStockThreshold",
  description: "Available units at or below which stock is told to be low",
  default: 5,
  bounds: { type: "integer", minimum: 0, maximum: 1_000_000 },
  isDemonstration: false,
};

/** What is set for a service, what can be, and which version each instance runs. */
export const get = operatorProcedure
  .meta({
    openapi: {
      method: "GET",
      path: "/settings/{service}",
      summary: "See the settings of a service",
      example: {
        input: { service: exampleVersion.service },
        output: {
          service: exampleVersion.service,
          version: exampleVersion.version,
          values: exampleVersion.values,
          latest: exampleVersion,
          definitions: [exampleDefinition],
          instances: [exampleInstance],
        },
      },
    },
  })
  .input(z.object({ service: SettingService }))
  .output(Settings)
  .query(async ({ ctx, input: { service } }) => {
    const latest = await ctx.versions.latest(service);
    return {
      service,
      version: latest?.version ?? 0,
      values: latest?.values ?? {},
      latest: latest ? viewOf(latest) : null,
      definitions: definitionsOf(service),
      instances: instancesOf(ctx.broadcast.appliedBy(service)),
    };
  });

const Summary = z.object({
  service: SettingService,
  version: Version,
  latest: SettingVersionView.nullable(),
  instances: z.array(Instance).max(500),
});

/** All services: what is set, and which version each instance runs. */
export const list = operatorProcedure
  .meta({
    openapi: {
      method: "GET",
      path: "/settings",
      summary: "List the settings of all services",
      example: {
        output: {
          items: [
            {
              service: exampleVersion.service,
              version: exampleVersion.version,
              latest: exampleVersion,
              instances: [exampleInstance],
            },
          ],
        },
      },
    },
  })
  .output(z.object({ items: z.array(Summary).max(settingServices.length) }))
  .query(async ({ ctx }) => {
    const items = settingServices.map(async (service) => {
      const latest = await ctx.versions.latest(service);
      const instances = instancesOf(ctx.broadcast.appliedBy(service));
      return { service, version: latest?.version ?? 0, latest: latest ? viewOf(latest) : null, instances };
    });
    return { items: await Promise.all(items) };
  });

function definitionsOf(service: SettingService): z.infer<typeof Definition>[] {
  return settingsOf(service).map(({ name, schema, default: fallback, isDemonstration }) => {
    const { $schema: _, description = "", ...bounds } = z.toJSONSchema(schema, { io: "input" });
    return { name, description, default: fallback, bounds, isDemonstration };
  });
}

function instancesOf(applied: { instance: string; version: number; problem?: string | undefined }[]) {
  return applied.map(({ problem = null, ...one }) => ({ ...one, problem }));
}
