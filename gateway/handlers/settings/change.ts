import { Refusal } from "@orderflow/common/errors";
import { SettingService } from "@orderflow/common/settings/setting-catalog";
import { demonstrationsIn, problemsOf, SettingValues } from "@orderflow/common/settings/setting-values";
import { z } from "zod";
import type { SettingDraft } from "../../repositories/setting-versions.ts";
import { digestOf } from "../authentication/digest.ts";
import { exampleKey, exampleVersion, SettingVersionView, Version, viewOf } from "./setting-views.ts";
import { operatorProcedure, type SettingsHandling } from "./trpc.ts";

const Reason = z.string().trim().min(1).max(500);
const Change = {
  idempotencyKey: z.uuid().toLowerCase(),
  service: SettingService,
  /** The version that was seen: a change by somebody else in between is not overwritten. */
  expectedVersion: Version,
  reason: Reason,
};

/** Sets all of a service's central settings. What is left out goes back to the service's environment. */
export const change = operatorProcedure
  .meta({
    openapi: {
      method: "PUT",
      path: "/settings/{service}",
      summary: "Change the settings of a service",
      description: "All that is to be set: what is left out goes back to the service's environment.",
      refusals: ["settings_changed", "demonstration_only", "idempotency_key_reused"],
      example: {
        input: {
          idempotencyKey: exampleKey,
          service: exampleVersion.service,
          expectedVersion: 3,
          values: exampleVersion.values,
          reason: exampleVersion.reason,
        },
        output: exampleVersion,
      },
    },
  })
  .input(
    z.object({ ...Change, values: SettingValues }).superRefine(({ service, values }, context) => {
      for (const { path, message } of problemsOf(service, values))
        context.addIssue({ code: "custom", path: ["values", ...path], message });
    }),
  )
  .output(SettingVersionView)
  .mutation(async ({ ctx, input: { values, ...given } }) =>
    append(ctx, {
      ...given,
      values,
      rolledBackTo: null,
      requestHash: digestOf(JSON.stringify([given.service, given.expectedVersion, values, given.reason])),
    }),
  );

/** Sets again what an earlier version had, as a new version. Version 0 takes back everything that is set. */
export const rollBack = operatorProcedure
  .meta({
    openapi: {
      method: "POST",
      path: "/settings/{service}/roll-back",
      summary: "Roll the settings of a service back",
      description: "To what an earlier version had, as a new version. Version 0 takes back everything that is set.",
      refusals: ["settings_changed", "settings_version_not_found", "demonstration_only", "idempotency_key_reused"],
      example: {
        input: {
          idempotencyKey: exampleKey,
          service: exampleVersion.service,
          expectedVersion: 4,
          toVersion: 2,
          reason: "Too many mails",
        },
        output: { ...exampleVersion, version: 5, rolledBackTo: 2, reason: "Too many mails" },
      },
    },
  })
  .input(z.object({ ...Change, toVersion: Version }))
  .output(SettingVersionView)
  .mutation(async ({ ctx, input: { toVersion, ...given } }) => {
    const values = toVersion === 0 ? {} : (await ctx.versions.byVersion(given.service, toVersion)).values;
    return append(ctx, {
      ...given,
      values,
      rolledBackTo: toVersion,
      requestHash: digestOf(JSON.stringify([given.service, given.expectedVersion, toVersion, given.reason])),
    });
  });

type Handling = SettingsHandling & { caller: { id: string; name: string } };
type Draft = Omit<SettingDraft, "authorId" | "authorName" | "createdAt">;

async function append({ caller, versions, broadcast, isProduction, now }: Handling, draft: Draft) {
  const demonstrations = isProduction ? demonstrationsIn(draft.service, draft.values) : [];
  if (demonstrations.length > 0)
    throw new Refusal("demonstration_only", `In production these are not set: ${demonstrations.join(", ")}`);
  const stored = await versions.append({ ...draft, authorId: caller.id, authorName: caller.name, createdAt: now() });
  broadcast.tell(draft.service);
  return viewOf(stored);
}
