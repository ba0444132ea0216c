import { z } from "zod";
import type { ApiKey } from "../../repositories/api-keys.ts";
import { exampleKeyId } from "./examples.ts";

export const ApiKeyView = z.object({
  id: z.string(),
  name: z.string(),
  /** How the key begins. The rest of it was shown when it was made. */
  prefix: z.string(),
  scopes: z.array(z.string()),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  /** To the minute. */
  lastUsedAt: z.iso.datetime().nullable(),
  revokedAt: z.iso.datetime().nullable(),
});

export const exampleApiKey = {
  id: exampleKeyId,
  name: "warehouse scanner",
  prefix: "ofk_4fT9Qm2x",
  scopes: ["inventory:read", "inventory:write"],
  createdAt: "2026-11-22T09:00:00.000Z",
  expiresAt: "2027-02-20T09:00:00.000Z",
  lastUsedAt: null,
  revokedAt: null,
};

export function viewOf(apiKey: ApiKey): z.infer<typeof ApiKeyView> {
  const { id, name, prefix, scopes, createdAt, expiresAt, lastUsedAt, revokedAt } = apiKey;
  return {
    id,
    name,
    prefix,
    scopes,
    createdAt: createdAt.toISOString(),
    expiresAt: expiresAt.toISOString(),
    lastUsedAt: lastUsedAt?.toISOString() ?? null,
    revokedAt: revokedAt?.toISOString() ?? null,
  };
}
