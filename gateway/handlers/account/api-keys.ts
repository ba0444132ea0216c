import { z } from "zod";
import { ApiKeyView, exampleApiKey, viewOf } from "./api-key-view.ts";
import { create } from "./create-api-key.ts";
import { exampleKeyId } from "./examples.ts";
import { customerProcedure, router } from "./trpc.ts";

/** The caller's keys, newest first, also those that are used up. */
const list = customerProcedure
  .meta({
    openapi: {
      method: "GET",
      path: "/account/api-keys",
      summary: "List your API keys",
      example: { output: { items: [exampleApiKey] } },
    },
  })
  .output(z.object({ items: z.array(ApiKeyView).max(100) }))
  .query(async ({ ctx }) => ({ items: (await ctx.apiKeys.listOf(ctx.caller.id)).map(viewOf) }));

/** Makes a key worthless, here at once. Revoking it again changes nothing. */
const revoke = customerProcedure
  .meta({
    openapi: {
      method: "POST",
      path: "/account/api-keys/{apiKeyId}/revoke",
      summary: "Revoke an API key",
      refusals: ["api_key_not_found"],
      example: {
        input: { apiKeyId: exampleKeyId },
        output: { ...exampleApiKey, revokedAt: "2026-11-23T09:00:00.000Z" },
      },
    },
  })
  .input(z.object({ apiKeyId: z.uuid() }))
  .output(ApiKeyView)
  .mutation(async ({ ctx, input: { apiKeyId } }) => {
    const revoked = await ctx.apiKeys.revoke({ id: apiKeyId, userId: ctx.caller.id, at: ctx.now() });
    ctx.forgetApiKey(revoked.prefix);
    return viewOf(revoked);
  });

export const apiKeys = router({ list, create, revoke });
