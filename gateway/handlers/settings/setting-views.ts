import { SettingService } from "@orderflow/common/settings/setting-catalog";
import { SettingValues } from "@orderflow/common/settings/setting-values";
import { z } from "zod";
import type { SettingVersion } from "../../repositories/setting-versions.ts";

export const Version = z.int().min(0).max(2_147_483_647);

export const SettingVersionView = z.object({
  service: SettingService,
  version: Version,
  /** What is left out is as the service's environment has it. */
  values: SettingValues,
  author: z.string(),
  reason: z.string(),
  rolledBackTo: Version.nullable(),
  createdAt: z.iso.datetime(),
});

export const Instance = z.object({
  instance: z.string(),
  /** That it runs. */
  version: Version,
  /** Why it does not run a later one. */
  problem: z.string().nullable(),
});

export const exampleKey = "0197f1e6-1a2b-7c3d-8e4f-5a6b7c8d9e0f";
export const exampleVersion = {
  service: "inventory" as const,
  version: 4,
  values: { lowStockThreshold: 10 },
  author: "Olga Operator",
  reason: "The season begins",
  rolledBackTo: null,
  createdAt: "2026-11-22T09:00:00.000Z",
};
export const exampleInstance = { instance: "inventory-1", version: 4, problem: null };

export function viewOf(stored: SettingVersion): z.infer<typeof SettingVersionView> {
  const { service, version, values, authorName: author, reason, rolledBackTo, createdAt } = stored;
  return { service, version, values, author, reason, rolledBackTo, createdAt: createdAt.toISOString() };
}
