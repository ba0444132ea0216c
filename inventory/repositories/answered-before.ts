import type { TransactionSQL } from "bun";

/** Which of these orders were decided on an order.created that order has lost since: the answer to it stands. */
export async function answeredBefore(tx: TransactionSQL, orderIds: string[]): Promise<Set<string>> {
  if (orderIds.length === 0) return new Set();
  const rows: { key: string }[] = await tx`
    select distinct key from lost_event
    where type = 'order.created' and stream = 'order' and key = any(${tx.array(orderIds, "TEXT")})`;
  return new Set(rows.map(({ key }) => key));
}
