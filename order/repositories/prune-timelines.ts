import { idBefore } from "@orderflow/common/ids";
import type { Pruning } from "@orderflow/common/retention/prune-rows";
import { daysBefore, noteKeptSince } from "@orderflow/common/retention/prunings";
import type { TransactionSQL } from "bun";

type Options = { config: { timelineRetentionDays?: number | undefined }; now: () => Date };

/** Whole timelines of orders that ended so many days ago; all are kept where no number is set. */
export function timelinePrunings({ config, now }: Options): Pruning[] {
  const { timelineRetentionDays: days } = config;
  if (days === undefined) return [];
  return [{ what: "timelines", pruneBatch: (tx, orders) => pruneTimelines(tx, daysBefore(now(), days), orders) }];
}

/** Answers of how many orders. */
async function pruneTimelines(tx: TransactionSQL, before: Date, maxOrders: number): Promise<number> {
  const ended: { id: string }[] = await tx`
    select id from customer_order
    where id < ${idBefore(before)}::uuid and placed_at < ${before} and updated_at < ${before}
      and status in ('delivered', 'rejected', 'cancelled')
      and exists (select from timeline_entry where order_id = customer_order.id)
    order by id limit ${maxOrders}`;
  if (ended.length === 0) return 0;
  await noteKeptSince(tx, "timelines", before);
  const ids = JSON.stringify(ended.map(({ id }) => id));
  await tx`
    delete from timeline_entry using jsonb_array_elements_text(${ids}::text::jsonb) pruned(id)
    where order_id = pruned.id::uuid`;
  return ended.length;
}
