import type { SQL } from "bun";
import type { Shipment, ShipmentStatus } from "../domain/shipment.ts";
import { type ShipmentRow, toShipment } from "./shipment-rows.ts";

export type ShipmentPage = { items: Shipment[]; nextCursor: string | null };

type Wanted = {
  orderId?: string | undefined;
  status?: ShipmentStatus | undefined;
  cursor?: string | undefined;
  limit: number;
};

/** Newest first. `cursor` is the `nextCursor` of the page before. */
export async function listShipments(sql: SQL, { orderId, status, cursor, limit }: Wanted): Promise<ShipmentPage> {
  // Said only where it is asked for: the plan that is kept must not be one that fits any question.
  const rows: ShipmentRow[] = await sql`
    select * from shipment
    where true
      ${orderId === undefined ? sql`` : sql`and order_id = ${orderId}::uuid`}
      ${status === undefined ? sql`` : sql`and status = ${status}`}
      ${cursor === undefined ? sql`` : sql`and id < ${cursor}::uuid`}
    order by id desc limit ${limit + 1}`;
  const items = rows.slice(0, limit).map(toShipment);
  return { items, nextCursor: rows.length > limit ? (items.at(-1)?.id ?? null) : null };
}
