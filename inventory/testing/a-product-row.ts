import { newId } from "@orderflow/common/ids";
import type { SQL } from "bun";
import { createProduct } from "../domain/product.ts";
import { openShelves } from "../domain/shelves.ts";
import { saveChange } from "../repositories/save-change.ts";

type Row = { sku?: string; name?: string; onHand?: number };

/** Stores a product that no other test knows, and answers its SKU. */
export async function aProductRow(sql: SQL, { sku, name = "Stoneware mug", onHand = 10 }: Row = {}): Promise<string> {
  const at = new Date();
  const product = {
    sku: sku ?? `SKU-${newId()}`,
    name,
    description: "",
    unitPrice: { amountMinor: 1250, currency: "EUR" },
    initialStock: onHand,
  };
  const empty = openShelves({ products: [], stocks: [], reservations: [], lowStockThreshold: 0 });
  await sql.begin((tx) => saveChange(tx, createProduct(empty, product, { id: "test", at }), at));
  return product.sku;
}
