import type { Pruning } from "@orderflow/common/retention/prune-rows";

type Options = { now: () => Date };

/** What has expired, and so lets nobody in and limits nobody any more. What was prolonged meanwhile stays. */
export function gatewayPrunings({ now }: Options): Pruning[] {
  return [
    {
      what: "sessions",
      async pruneBatch(tx, rows) {
        const at = now();
        const gone: unknown[] = await tx`
          delete from session where expires_at < ${at} and id in
            (select id from session where expires_at < ${at} order by expires_at limit ${rows})
          returning id`;
        return gone.length;
      },
    },
    {
      what: "verifications",
      async pruneBatch(tx, rows) {
        const at = now();
        const gone: unknown[] = await tx`
          delete from verification where expires_at < ${at} and id in
            (select id from verification where expires_at < ${at} order by expires_at limit ${rows})
          returning id`;
        return gone.length;
      },
    },
    {
      what: "rate limits",
      async pruneBatch(tx, rows) {
        const atMs = now().getTime();
        const gone: unknown[] = await tx`
          delete from rate_limit where expire < ${atMs} and key in
            (select key from rate_limit where expire < ${atMs} order by expire limit ${rows})
          returning key`;
        return gone.length;
      },
    },
  ];
}
