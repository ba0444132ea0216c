import type { SQL, TransactionSQL } from "bun";
import type { Product } from "../domain/product.ts";
import type { Stock } from "../domain/stock.ts";

/** A product with its stock, as the queries of this folder select it. */
export type ProductRow = {
  sku: string;
  name: string;
  description: string;
  unit_price_minor: string;
  currency: string;
  is_active: boolean;
  version: number;
  created_at: Date;
  updated_at: Date;
  location: string;
  on_hand: number;
  reserved: number;
};

/** What a ProductRow holds, of `product p` joined with `stock s`. */
export function productColumns(sql: SQL | TransactionSQL) {
  return sql`p.sku, p.name, p.description, p.unit_price_minor, p.currency, p.is_active, p.version, p.created_at, p.updated_at,
    s.location, s.on_hand, s.reserved`;
}

export function toProduct(row: ProductRow): Product {
  return {
    sku: row.sku,
    name: row.name,
    description: row.description,
    unitPrice: { amountMinor: Number(row.unit_price_minor), currency: row.currency },
    isActive: row.is_active,
    version: row.version,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

export function toStock(row: ProductRow): Stock {
  return { sku: row.sku, location: row.location, onHand: row.on_hand, reserved: row.reserved };
}
