import { newId } from "@orderflow/common/ids";
import { z } from "zod";
import { createApiKey } from "../../domain/api-key.ts";
import { scopes } from "../../domain/scopes.ts";
import { digestOf } from "../authentication/digest.ts";
import { ApiKeyView, exampleApiKey, viewOf } from "./api-key-view.ts";
import { exampleKeyId } from "./examples.ts";
import { customerProcedure } from "./trpc.ts";

const dayMs = 86_400_000;
const maxDays = 366;
const exampleSecret = `${exampleApiKey.prefix}_${"x".repeat(43)}`;

const CreateApiKey = z.object({
  idempotencyKey: z.uuid().toLowerCase(),
  name: z.string().trim().min(1).max(100),
  scopes: z.array(z.enum(scopes)).min(1).max(scopes.length),
  expiresInDays: z.int().min(1).max(maxDays).default(90),
});

const CreatedApiKey = z.object({
  apiKey: ApiKeyView,
  /** The whole key: now or never. Null when this request made it before. */
  key: z.string().nullable(),
});

/** A key for a program, which speaks for its maker within its scopes. */
export const create = customerProcedure
  .meta({
    openapi: {
      method: "POST",
      path: "/account/api-keys",
      summary: "Make an API key",
      description: "The key is in this answer and nowhere else. It does what you may do, within its scopes.",
      refusals: ["api_key_limit_reached", "account_elsewhere", "idempotency_key_reused"],
      example: {
        input: { idempotencyKey: exampleKeyId, name: exampleApiKey.name, scopes: exampleApiKey.scopes },
        output: { apiKey: exampleApiKey, key: exampleSecret },
      },
    },
  })
  .input(CreateApiKey)
  .output(CreatedApiKey)
  .mutation(async ({ ctx, input }) => {
    const { idempotencyKey, name, expiresInDays } = input;
    const createdAt = ctx.now();
    const { prefix, key } = createApiKey((bytes) => crypto.getRandomValues(new Uint8Array(bytes)));
    const granted = [...new Set(input.scopes)].sort();
    const { apiKey, isNew } = await ctx.apiKeys.create({
      id: newId(),
      userId: ctx.caller.id,
      name,
      prefix,
      hash: digestOf(key),
      scopes: granted,
      createdAt,
      expiresAt: new Date(createdAt.getTime() + expiresInDays * dayMs),
      idempotencyKey,
      requestHash: digestOf(JSON.stringify([name, granted, expiresInDays])),
    });
    return { apiKey: viewOf(apiKey), key: isNew ? key : null };
  });
