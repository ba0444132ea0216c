import { Refusal } from "@orderflow/common/errors";
import { fact } from "@orderflow/common/events/catalog";
import type { Money } from "@orderflow/common/money";
import type { Cause, Change } from "./change.ts";
import { noChange } from "./change.ts";
import { knownProduct } from "./known-product.ts";
import { moveStock } from "./move-stock.ts";
import type { Shelves } from "./shelves.ts";
import { mainLocation } from "./stock.ts";

export type Product = {
  sku: string;
  name: string;
  description: string;
  unitPrice: Money;
  isActive: boolean;
  version: number;
  createdAt: Date;
  updatedAt: Date;
};

export type NewProduct = { sku: string; name: string; description: string; unitPrice: Money; initialStock: number };

/** @throws Refusal sku_taken. */
export function createProduct(shelves: Shelves, { initialStock, ...product }: NewProduct, cause: Cause): Change {
  const { sku } = product;
  if (shelves.product(sku)) throw new Refusal("sku_taken", `There is already a product ${sku}`);

  const created = { ...product, isActive: true, version: 1, createdAt: cause.at, updatedAt: cause.at };
  const empty = { sku, location: mainLocation, onHand: 0, reserved: 0 };
  const receipt = { kind: "received", onHandDelta: initialStock, reservedDelta: 0, reason: "initial stock" } as const;
  const received = moveStock(empty, receipt, cause);
  return {
    ...noChange,
    products: [created],
    stocks: [received.stock],
    movements: initialStock > 0 ? [received.movement] : [],
    facts: [fact("product.created", sku, toFact(created))],
  };
}

export type ProductUpdate = {
  sku: string;
  name?: string | undefined;
  description?: string | undefined;
  unitPrice?: Money | undefined;
  isActive?: boolean | undefined;
};

/**
 * What is left out stays. An update that changes nothing is no new version.
 * @throws Refusal unknown_sku.
 */
export function updateProduct(shelves: Shelves, update: ProductUpdate, cause: Cause): Change {
  const product = knownProduct(shelves.product(update.sku), update.sku);

  const updated = {
    ...product,
    name: update.name ?? product.name,
    description: update.description ?? product.description,
    unitPrice: update.unitPrice ?? product.unitPrice,
    isActive: update.isActive ?? product.isActive,
  };
  if (Bun.deepEquals(updated, product)) return noChange;
  const next = { ...updated, version: product.version + 1, updatedAt: cause.at };
  return { ...noChange, products: [next], facts: [fact("product.updated", next.sku, toFact(next))] };
}

function toFact({ sku, name, unitPrice, isActive, version }: Product) {
  return { sku, name, unitPrice, isActive, version };
}
