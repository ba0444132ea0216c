import type { SQL } from "bun";
import type { Delivery, DeliveryStatus } from "../domain/delivery.ts";
import { type DeliveryRow, toDelivery } from "./delivery-rows.ts";

export type DeliveryPage = { items: Delivery[]; nextCursor: string | null };

type Wanted = {
  orderId?: string | undefined;
  status?: DeliveryStatus | undefined;
  cursor?: string | undefined;
  limit: number;
};

/** Newest first. `cursor` is the `nextCursor` of the page before. */
export async function listDeliveries(sql: SQL, { orderId, status, cursor, limit }: Wanted): Promise<DeliveryPage> {
  // Said only where it is asked for: the plan that is kept must not be one that fits any question. That it is not sent is said
  // once more, as the index of those names it: with the parameter alone a plan that is kept could not use it.
  const rows: DeliveryRow[] = await sql`
    select * from delivery
    where true
      ${orderId === undefined ? sql`` : sql`and order_id = ${orderId}::uuid`}
      ${status === undefined ? sql`` : sql`and status = ${status}`}
      ${status === undefined || status === "sent" ? sql`` : sql`and status <> 'sent'`}
      ${cursor === undefined ? sql`` : sql`and id < ${cursor}::uuid`}
    order by id desc limit ${limit + 1}`;
  const items = rows.slice(0, limit).map(toDelivery);
  return { items, nextCursor: rows.length > limit ? (items.at(-1)?.id ?? null) : null };
}
