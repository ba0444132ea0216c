import { idBefore } from "@orderflow/common/ids";
import type { Pruning } from "@orderflow/common/retention/prune-rows";
import { daysBefore, noteKeptSince } from "@orderflow/common/retention/prunings";

type Options = { config: { deliveryRetentionDays?: number | undefined }; now: () => Date };

/** What was sent so many days ago; all is kept where no number is set. What failed waits for an operator. */
export function deliveryPrunings({ config, now }: Options): Pruning[] {
  const { deliveryRetentionDays: days } = config;
  if (days === undefined) return [];
  return [
    {
      what: "deliveries",
      async pruneBatch(tx, rows) {
        const before = daysBefore(now(), days);
        const gone: unknown[] = await tx`
          delete from delivery where id in (
            select id from delivery
            where status = 'sent' and id < ${idBefore(before)}::uuid and updated_at < ${before}
            order by id limit ${rows})
          returning id`;
        if (gone.length > 0) await noteKeptSince(tx, "deliveries", before);
        return gone.length;
      },
    },
  ];
}
