import type { TransactionSQL } from "bun";
import type { Reservation, ReservationStatus } from "../domain/change.ts";
import type { ShelvesContent } from "../domain/shelves.ts";
import { mainLocation } from "../domain/stock.ts";
import { type ProductRow, productColumns, toProduct, toStock } from "./product-row.ts";

/** What a batch of decisions may touch. The SKUs that its orders hold are added. */
export type Wanted = { skus: string[]; orderIds: string[]; locksProducts?: boolean };

type Loaded = Omit<ShelvesContent, "lowStockThreshold">;

/** Locks reservations, then stock, each in key order: the order everybody takes them in, or two batches deadlock. */
export async function loadShelves(tx: TransactionSQL, wanted: Wanted): Promise<Loaded> {
  const reservations = wanted.orderIds.length > 0 ? await lockReservations(tx, wanted.orderIds) : [];
  const skus = new Set([...wanted.skus, ...reservations.map((reservation) => reservation.sku)]);
  const rows = skus.size > 0 ? await lockStock(tx, [...skus], wanted.locksProducts ?? false) : [];
  return { products: rows.map(toProduct), stocks: rows.map(toStock), reservations };
}

type ReservationRow = { order_id: string; sku: string; location: string; quantity: number; status: ReservationStatus };

async function lockReservations(tx: TransactionSQL, orderIds: string[]): Promise<Reservation[]> {
  const rows: ReservationRow[] = await tx`
    select order_id, sku, location, quantity, status from reservation
    where order_id = any(${tx.array(orderIds, "TEXT")}::uuid[]) and location = ${mainLocation}
    order by order_id, sku for update`;
  return rows.map(({ order_id, ...row }) => ({ orderId: order_id, ...row }));
}

async function lockStock(tx: TransactionSQL, skus: string[], locksProducts: boolean): Promise<ProductRow[]> {
  const list = tx.array(skus, "TEXT");
  if (locksProducts) {
    return await tx`
      select ${productColumns(tx)} from stock s join product p on p.sku = s.sku
      where s.sku = any(${list}) and s.location = ${mainLocation} order by s.sku for update of p, s`;
  }
  return await tx`
    select ${productColumns(tx)} from stock s join product p on p.sku = s.sku
    where s.sku = any(${list}) and s.location = ${mainLocation} order by s.sku for update of s`;
}
