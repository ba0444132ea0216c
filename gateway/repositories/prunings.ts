import type { Pruning } from "@orderflow/common/retention/prune-rows";
import type { TransactionSQL } from "bun";

type Options = { now: () => Date };
/** Deletes what had expired at that moment, at most so many rows. Answers them. */
type DeleteExpired = (tx: TransactionSQL, at: Date, rows: number) => Promise<unknown[]>;

/** What has expired, and so lets nobody in and limits nobody any more. What was prolonged meanwhile stays. */
export function gatewayPrunings({ now }: Options): Pruning[] {
  return Object.entries(expired).map(([what, deleteExpired]) => ({
    what,
    pruneBatch: async (tx, rows) => (await deleteExpired(tx, now(), rows)).length,
  }));
}

const expired: Record<string, DeleteExpired> = {
  sessions: async (tx, at, rows) =>
    await tx`
      delete from session where expires_at < ${at} and id in
        (select id from session where expires_at < ${at} order by expires_at limit ${rows})
      returning id`,
  verifications: async (tx, at, rows) =>
    await tx`
      delete from verification where expires_at < ${at} and id in
        (select id from verification where expires_at < ${at} order by expires_at limit ${rows})
      returning id`,
  "rate limits": async (tx, at, rows) =>
    await tx`
      delete from rate_limit where expire < ${at.getTime()} and key in
        (select key from rate_limit where expire < ${at.getTime()} order by expire limit ${rows})
      returning key`,
};
