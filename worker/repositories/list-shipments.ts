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
  const rows: ShipmentRow[] = await sql`
    select * from shipment
    where (${orderId ?? null}::uuid is null or order_id = ${orderId ?? null}::uuid)
      and (${status ?? null}::text is null or status = ${status ?? null}::text)
      and (${cursor ?? null}::uuid is null or id < ${cursor ?? null}::uuid)
    order by id desc limit ${limit + 1}`;
  const items = rows.slice(0, limit).map(toShipment);
  return { items, nextCursor: rows.length > limit ? (items.at(-1)?.id ?? null) : null };
}
