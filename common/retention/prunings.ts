import type { TransactionSQL } from "bun";
import { pruneEvents } from "../messaging/prune-events.ts";
import type { Pruning } from "./prune-rows.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** What is at least this old. */
export function daysBefore(now: Date, days: number): Date {
  return new Date(now.getTime() - days * dayMs);
}

type EventOptions = { streams: readonly string[]; config: { eventRetentionHours: number }; now: () => Date };

/** The events of each stream that all of its readers have applied, once they are old enough. */
export function eventPrunings({ streams, config, now }: EventOptions): Pruning[] {
  return streams.map((stream) => ({
    what: `events of ${stream}`,
    pruneBatch: (tx, rows) => {
      const before = new Date(now().getTime() - config.eventRetentionHours * hourMs);
      return pruneEvents(tx, { stream, before, rows });
    },
  }));
}

type KeyOptions = { config: { idempotencyKeyRetentionDays: number }; now: () => Date };

/** Idempotency keys that are old enough: the same call would then be a new one. */
export function keyPruning({ config, now }: KeyOptions): Pruning {
  return {
    what: "idempotency keys",
    async pruneBatch(tx, rows) {
      const before = daysBefore(now(), config.idempotencyKeyRetentionDays);
      const gone: unknown[] = await tx`
        delete from idempotency_key where (caller_id, key) in
          (select caller_id, key from idempotency_key where created_at < ${before} order by created_at limit ${rows})
        returning key`;
      return gone.length;
    },
  };
}

/** Says, in the transaction that prunes, since when this is kept whole. It never says less than before. */
export async function noteKeptSince(tx: TransactionSQL, what: string, since: Date): Promise<void> {
  await tx`
    insert into retention (what, kept_since) values (${what}, ${since})
    on conflict (what) do update set kept_since = greatest(retention.kept_since, excluded.kept_since)`;
}
