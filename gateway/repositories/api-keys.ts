import { Refusal } from "@orderflow/common/errors";
import type { SQL, TransactionSQL } from "bun";

export type ApiKey = {
  id: string;
  name: string;
  prefix: string;
  scopes: string[];
  createdAt: Date;
  expiresAt: Date;
  lastUsedAt: Date | null;
  revokedAt: Date | null;
};

export type KeyOwner = { id: string; name: string; email: string; role: string };
export type OwnedKey = ApiKey & { hash: string; owner: KeyOwner };
export type ApiKeyDraft = Pick<ApiKey, "id" | "name" | "prefix" | "scopes" | "createdAt" | "expiresAt"> & {
  userId: string;
  /** SHA-256 of the whole key. */
  hash: string;
  idempotencyKey: string;
  /** Of the request, so that its key is not used for another one. */
  requestHash: string;
};

export type ApiKeys = ReturnType<typeof createApiKeys>;

const maxUsableKeys = 20;
const maxListed = 100;

/** The keys of all users. What is stored of a key is its digest. */
export function createApiKeys(sql: SQL) {
  return {
    /** Stores the key, or gives the one that the same request made before. */
    create: (draft: ApiKeyDraft): Promise<{ apiKey: ApiKey; isNew: boolean }> =>
      sql.begin((tx) => createOnce(tx, draft)),

    /** Newest first, at most 100. */
    async listOf(userId: string): Promise<ApiKey[]> {
      return await sql`
        select id, name, prefix, scopes, created_at as "createdAt", expires_at as "expiresAt",
               last_used_at as "lastUsedAt", revoked_at as "revokedAt"
        from api_key where user_id = ${userId} order by id desc limit ${maxListed}`;
    },

    /** Revoking again changes nothing. Throws a Refusal when the user has no such key. */
    async revoke({ id, userId, at }: { id: string; userId: string; at: Date }): Promise<ApiKey> {
      const [revoked]: ApiKey[] = await sql`
        update api_key set revoked_at = coalesce(revoked_at, ${at}) where id = ${id} and user_id = ${userId}
        returning id, name, prefix, scopes, created_at as "createdAt", expires_at as "expiresAt",
                  last_used_at as "lastUsedAt", revoked_at as "revokedAt"`;
      if (!revoked) throw new Refusal("api_key_not_found", "You have no such API key");
      return revoked;
    },

    /** With its owner as he is now: a role that was taken away is gone from his keys too. */
    async byPrefix(prefix: string): Promise<OwnedKey | undefined> {
      const [found]: OwnedKey[] = await sql`
        select k.id, k.name, k.prefix, k.scopes, k.hash, k.created_at as "createdAt", k.expires_at as "expiresAt",
               k.last_used_at as "lastUsedAt", k.revoked_at as "revokedAt",
               jsonb_build_object('id', u.id, 'name', u.name, 'email', u.email, 'role', u.role) as owner
        from api_key k join "user" u on u.id = k.user_id where k.prefix = ${prefix}`;
      return found;
    },

    async noteUse(id: string, at: Date): Promise<void> {
      await sql`update api_key set last_used_at = greatest(last_used_at, ${at}) where id = ${id}`;
    },
  };
}

async function createOnce(tx: TransactionSQL, draft: ApiKeyDraft): Promise<{ apiKey: ApiKey; isNew: boolean }> {
  // The row of the owner is the lock under which the same request and the bound are looked at.
  const [owner]: { id: string }[] = await tx`select id from "user" where id = ${draft.userId} for update`;
  if (!owner) throw new Refusal("account_elsewhere", "Only an account that was made here can have API keys");
  const [known]: (ApiKey & { requestHash: string })[] = await tx`
    select id, name, prefix, scopes, created_at as "createdAt", expires_at as "expiresAt",
           last_used_at as "lastUsedAt", revoked_at as "revokedAt", request_hash as "requestHash"
    from api_key where user_id = ${draft.userId} and idempotency_key = ${draft.idempotencyKey}`;
  if (known && known.requestHash !== draft.requestHash)
    throw new Refusal("idempotency_key_reused", "This idempotency key was used for another request");
  if (known) return { apiKey: known, isNew: false };
  await requireRoom(tx, draft);
  const { id, userId, name, prefix, hash, scopes, createdAt, expiresAt, idempotencyKey, requestHash } = draft;
  await tx`
    insert into api_key (id, user_id, name, prefix, hash, scopes, created_at, expires_at, idempotency_key, request_hash)
    values (${id}, ${userId}, ${name}, ${prefix}, ${hash}, ${tx.array(scopes, "TEXT")}, ${createdAt}, ${expiresAt},
            ${idempotencyKey}, ${requestHash})`;
  return {
    apiKey: { id, name, prefix, scopes, createdAt, expiresAt, lastUsedAt: null, revokedAt: null },
    isNew: true,
  };
}

async function requireRoom(tx: TransactionSQL, { userId, createdAt }: ApiKeyDraft): Promise<void> {
  const [row]: { usable: number }[] = await tx`
    select count(*)::int as usable from api_key
    where user_id = ${userId} and revoked_at is null and expires_at > ${createdAt}`;
  if ((row?.usable ?? 0) >= maxUsableKeys)
    throw new Refusal("api_key_limit_reached", `An account has at most ${maxUsableKeys} usable API keys`);
}
