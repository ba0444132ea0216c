import { SettingService } from "@orderflow/common/settings/setting-catalog";
import { z } from "zod";
import { compareSettings } from "../../domain/compare-settings.ts";
import { exampleVersion, SettingVersionView, Version, viewOf } from "./setting-views.ts";
import { operatorProcedure } from "./trpc.ts";

const maxVersion = 2_147_483_647;

/** Versions of a service's settings, newest first. */
export const history = operatorProcedure
  .meta({
    openapi: {
      method: "GET",
      path: "/settings/{service}/history",
      summary: "List the versions of a service's settings",
      example: {
        input: { service: exampleVersion.service, limit: 20 },
        output: { items: [exampleVersion], nextBefore: null },
      },
    },
  })
  .input(
    z.object({
      service: SettingService,
      before: Version.default(maxVersion),
      limit: z.int().min(1).max(100).default(20),
    }),
  )
  .output(
    z.object({
      items: z.array(SettingVersionView).max(100),
      /** What to give as `before` for older ones. */
      nextBefore: Version.nullable(),
    }),
  )
  .query(async ({ ctx, input }) => {
    const items = (await ctx.versions.history(input)).map(viewOf);
    return { items, nextBefore: items.length < input.limit ? null : (items.at(-1)?.version ?? null) };
  });

const Leaf = z.union([z.string(), z.number()]).nullable();

/** What differs between two versions; version 0 is before anything was set. */
export const compare = operatorProcedure
  .meta({
    openapi: {
      method: "GET",
      path: "/settings/{service}/compare",
      summary: "Compare two versions of a service's settings",
      refusals: ["settings_version_not_found"],
      example: {
        input: { service: "inventory", from: 3, to: 4 },
        output: { service: "inventory", changes: [{ name: "lowStockThreshold", before: 5, after: 10 }] },
      },
    },
  })
  .input(z.object({ service: SettingService, from: Version, to: Version }))
  .output(
    z.object({
      service: SettingService,
      changes: z.array(z.object({ name: z.string(), before: Leaf, after: Leaf })).max(500),
    }),
  )
  .query(async ({ ctx, input: { service, from, to } }) => {
    const valuesOf = async (version: number) =>
      version === 0 ? {} : (await ctx.versions.byVersion(service, version)).values;
    const [before, after] = await Promise.all([valuesOf(from), valuesOf(to)]);
    return { service, changes: compareSettings(before, after) };
  });
