import { Refusal } from "@orderflow/common/errors";
import type { SettingService } from "@orderflow/common/settings/setting-catalog";
import type { SettingValues } from "@orderflow/common/settings/setting-values";
import type { SQL, TransactionSQL } from "bun";

export type SettingVersion = {
  service: SettingService;
  version: number;
  values: SettingValues;
  authorName: string;
  reason: string;
  /** The version whose values these are again. */
  rolledBackTo: number | null;
  createdAt: Date;
};

export type SettingDraft = Omit<SettingVersion, "version"> & {
  authorId: string;
  /** The version that the author has seen; 0 is before anything was set. */
  expectedVersion: number;
  idempotencyKey: string;
  /** Of the request, so that its key is not used for another one. */
  requestHash: string;
};

export type SettingVersions = ReturnType<typeof createSettingVersions>;

/** What was set for each service, version after version. Nothing is changed or deleted. */
export function createSettingVersions(sql: SQL) {
  return {
    /** Undefined while nothing was set for the service. */
    async latest(service: SettingService): Promise<SettingVersion | undefined> {
      const [found]: SettingVersion[] = await sql`
        select service, version, values, author_name as "authorName", reason, rolled_back_to as "rolledBackTo",
               created_at as "createdAt"
        from setting_version where service = ${service} order by version desc limit 1`;
      return found;
    },

    /** Throws a Refusal when there is no such version. */
    async byVersion(service: SettingService, version: number): Promise<SettingVersion> {
      const [found]: SettingVersion[] = await sql`
        select service, version, values, author_name as "authorName", reason, rolled_back_to as "rolledBackTo",
               created_at as "createdAt"
        from setting_version where service = ${service} and version = ${version}`;
      if (!found) throw new Refusal("settings_version_not_found", `${service} has no settings of version ${version}`);
      return found;
    },

    /** Newest first, from below `before` on. */
    async history({ service, before, limit }: { service: SettingService; before: number; limit: number }) {
      const found: SettingVersion[] = await sql`
        select service, version, values, author_name as "authorName", reason, rolled_back_to as "rolledBackTo",
               created_at as "createdAt"
        from setting_version where service = ${service} and version < ${before} order by version desc limit ${limit}`;
      return found;
    },

    /** The next version, or the one that the same request made before. Throws a Refusal when it is not what the author expected. */
    append: (draft: SettingDraft): Promise<SettingVersion> => sql.begin((tx) => appendOnce(tx, draft)),
  };
}

async function appendOnce(tx: TransactionSQL, draft: SettingDraft): Promise<SettingVersion> {
  const { authorId, expectedVersion, idempotencyKey, requestHash, ...shown } = draft;
  await tx`select pg_advisory_xact_lock(hashtextextended('setting_version', 0))`;
  const [known]: (SettingVersion & { requestHash: string })[] = await tx`
    select service, version, values, author_name as "authorName", reason, rolled_back_to as "rolledBackTo",
           created_at as "createdAt", request_hash as "requestHash"
    from setting_version where author_id = ${authorId} and idempotency_key = ${idempotencyKey}`;
  if (known && known.requestHash !== requestHash)
    throw new Refusal("idempotency_key_reused", "This idempotency key was used for another request");
  if (known) return known;
  const [row]: { current: number }[] = await tx`
    select coalesce(max(version), 0)::int as current from setting_version where service = ${draft.service}`;
  const current = row?.current ?? 0;
  if (current !== expectedVersion)
    throw new Refusal("settings_changed", `The settings of ${draft.service} are at version ${current} by now`);
  const { service, values, authorName, reason, rolledBackTo, createdAt } = shown;
  const version = current + 1;
  await tx`
    insert into setting_version (service, version, values, author_id, author_name, reason, rolled_back_to,
                                 idempotency_key, request_hash, created_at)
    values (${service}, ${version}, ${values}::jsonb, ${authorId}, ${authorName}, ${reason}, ${rolledBackTo},
            ${idempotencyKey}, ${requestHash}, ${createdAt})`;
  return { ...shown, version };
}
