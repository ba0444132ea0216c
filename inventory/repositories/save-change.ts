import { allSent } from "@orderflow/common/database/all-sent";
import { rowSet } from "@orderflow/common/database/row-set";
import type { TransactionSQL } from "bun";
import type { Change, Movement, Reservation } from "../domain/change.ts";
import type { Product } from "../domain/product.ts";
import { searchWords } from "../domain/search-words.ts";
import type { Stock } from "../domain/stock.ts";

/** Somebody else created the product since it was looked for: decide again. */
export class ProductCreatedMeanwhile extends Error {
  override readonly name = "ProductCreatedMeanwhile";
}

/**
 * Writes a change whose rows are locked: one statement per table that has any, sent without waiting for one another. Its
 * facts are the caller's to append.
 */
export async function saveChange(tx: TransactionSQL, change: Change, at: Date): Promise<void> {
  const { products, stocks, reservations, movements } = change;
  await allSent([
    products.length > 0 && saveProducts(tx, products),
    stocks.length > 0 && saveStocks(tx, stocks),
    reservations.length > 0 && saveReservations(tx, reservations, at),
    movements.length > 0 && insertMovements(tx, movements),
  ]);
}

const productRows = rowSet({
  sku: "text",
  name: "text",
  description: "text",
  amount: "bigint",
  currency: "text",
  isActive: "boolean",
  version: "int",
  words: "jsonb",
  createdAt: "timestamptz",
  updatedAt: "timestamptz",
});

async function saveProducts(tx: TransactionSQL, products: Product[]): Promise<void> {
  const rows = products.map((product) => ({
    ...product,
    amount: product.unitPrice.amountMinor,
    currency: product.unitPrice.currency,
    words: searchWords(`${product.name} ${product.sku}`),
  }));
  const written: unknown[] = await tx`
    insert into product (sku, name, description, unit_price_minor, currency, is_active, version, search_words,
                         created_at, updated_at)
    select sku, name, description, amount, currency, "isActive", version,
           array_to_tsvector(array(select jsonb_array_elements_text(words))), "createdAt", "updatedAt"
    from ${productRows(tx, rows)} row
    on conflict (sku) do update set
      name = excluded.name, description = excluded.description, unit_price_minor = excluded.unit_price_minor,
      currency = excluded.currency, is_active = excluded.is_active, version = excluded.version,
      search_words = excluded.search_words, updated_at = excluded.updated_at
    where product.version < excluded.version
    returning sku`;
  if (written.length < products.length) throw new ProductCreatedMeanwhile("a product was created meanwhile");
}

const stockRows = rowSet({ sku: "text", location: "text", onHand: "int", reserved: "int" });

async function saveStocks(tx: TransactionSQL, stocks: Stock[]): Promise<void> {
  await tx`
    insert into stock (sku, location, on_hand, reserved)
    select sku, location, "onHand", reserved
    from ${stockRows(tx, stocks)} row
    on conflict (sku, location) do update set on_hand = excluded.on_hand, reserved = excluded.reserved`;
}

const reservationRows = rowSet({ orderId: "uuid", sku: "text", location: "text", quantity: "int", status: "text" });

/** By MERGE, as ON CONFLICT inserts on trial: nobody reserves for an order meanwhile, since the cursor of its stream is held. */
async function saveReservations(tx: TransactionSQL, reservations: Reservation[], at: Date): Promise<void> {
  await tx`
    merge into reservation r using (
      select *, ${at.toISOString()}::timestamptz as at from ${reservationRows(tx, reservations)} reservation
    ) row on r.order_id = row."orderId" and r.sku = row.sku and r.location = row.location
    when matched then update set status = row.status, updated_at = row.at
    when not matched then insert (order_id, sku, location, quantity, status, created_at, updated_at)
      values (row."orderId", row.sku, row.location, row.quantity, row.status, row.at, row.at)`;
}

const movementRows = rowSet({
  sku: "text",
  location: "text",
  kind: "text",
  onHandDelta: "int",
  reservedDelta: "int",
  onHandAfter: "int",
  reservedAfter: "int",
  orderId: "uuid",
  cause: "text",
  reason: "text",
  actor: "text",
  at: "timestamptz",
});

async function insertMovements(tx: TransactionSQL, movements: Movement[]): Promise<void> {
  await tx`
    insert into stock_movement (sku, location, kind, on_hand_delta, reserved_delta, on_hand_after, reserved_after,
                                order_id, cause, reason, actor, at)
    select sku, location, kind, "onHandDelta", "reservedDelta", "onHandAfter", "reservedAfter",
           "orderId", cause, reason, actor, at
    from ${movementRows(tx, movements.map(toMovementRow))} row`;
}

function toMovementRow({ orderId, reason, cause, ...movement }: Movement) {
  return { ...movement, orderId, reason, cause: cause.id, actor: cause.actor, at: cause.at };
}
