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
  // From timeline to timeline, not from order to order: orders stay for ever, and those without a timeline are passed over.
  const ended: { id: string }[] = await tx`
    with recursive kept as (
      (select order_id from timeline_entry order by order_id limit 1)
      union all
      select (select t.order_id from timeline_entry t where t.order_id > kept.order_id order by t.order_id limit 1)
      from kept where kept.order_id < ${idBefore(before)}::uuid
    )
    select o.id from kept join customer_order o on o.id = kept.order_id
    where o.id < ${idBefore(before)}::uuid and o.placed_at < ${before} and o.updated_at < ${before}
      and o.status in ('delivered', 'rejected', 'cancelled')
    limit ${maxOrders}`;
  if (ended.length === 0) return 0;
  await noteKeptSince(tx, "timelines", before);
  const ids = JSON.stringify(ended.map(({ id }) => id));
  await tx`
    delete from timeline_entry using jsonb_array_elements_text(${ids}::text::jsonb) pruned(id)
    where order_id = pruned.id::uuid`;
  return ended.length;
}
