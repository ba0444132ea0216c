import { timingSafeEqual } from "node:crypto";
import { createBoundedCache } from "@orderflow/common/auth/bounded-cache";
import type { Caller } from "@orderflow/common/auth/caller";
import type { Logger } from "@orderflow/common/observability/logger";
import { isUsable, prefixOf } from "../../domain/api-key.ts";
import type { ApiKeys, OwnedKey } from "../../repositories/api-keys.ts";
import { digestOf } from "./digest.ts";

/** A caller who came with a key is its owner, and may do what its scopes say. */
export type KeyCaller = Caller & { apiKey: { id: string; scopes: readonly string[] } };

export type ApiKeyVerifier = {
  /** Undefined for a key that is expired, revoked, unknown or garbage. Throws when the keys cannot be read. */
  verify(key: string): Promise<KeyCaller | undefined>;
  /** Reads the key anew at its next use. */
  forget(prefix: string): void;
};

type Options = {
  apiKeys: Pick<ApiKeys, "byPrefix" | "noteUse">;
  logger: Logger;
  now: () => Date;
  /** How long what another gateway changes of a key may go unnoticed. */
  cacheMs?: number;
};

type Read = { owned: Promise<OwnedKey | undefined>; readAtMs: number };

const noteEveryMs = 60_000;
const cacheCapacity = 10_000;

/** Reads a key from the database at most every two seconds, and writes when it was last used at most once a minute. */
export function createApiKeyVerifier({ apiKeys, logger, now, cacheMs = 2_000 }: Options): ApiKeyVerifier {
  const reads = createBoundedCache<Read>(cacheCapacity);

  function read(prefix: string): Promise<OwnedKey | undefined> {
    const nowMs = now().getTime();
    const known = reads.get(prefix);
    if (known && nowMs - known.readAtMs < cacheMs) return known.owned;
    const owned = apiKeys.byPrefix(prefix);
    reads.set(prefix, { owned, readAtMs: nowMs });
    owned.catch(() => reads.delete(prefix));
    return owned;
  }

  function noteUse(owned: OwnedKey): void {
    const at = now();
    if (owned.lastUsedAt && at.getTime() - owned.lastUsedAt.getTime() < noteEveryMs) return;
    owned.lastUsedAt = at;
    // Nobody waits for it, and a call is not refused because it could not be noted.
    apiKeys.noteUse(owned.id, at).catch((err: unknown) => logger.warn({ err }, "The use of an API key was not noted"));
  }

  return {
    async verify(key) {
      const prefix = prefixOf(key);
      if (prefix === undefined) return undefined;
      const owned = await read(prefix);
      if (!owned || !isSame(owned.hash, digestOf(key)) || !isUsable(owned, now())) return undefined;
      noteUse(owned);
      const { owner, id, scopes } = owned;
      if (owner.role !== "customer" && owner.role !== "operator") return undefined;
      return { id: owner.id, name: owner.name, email: owner.email, role: owner.role, apiKey: { id, scopes } };
    },
    forget: (prefix) => void reads.delete(prefix),
  };
}

/** In a time that says nothing of where they differ. */
function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.byteLength === b.byteLength && timingSafeEqual(a, b);
}
