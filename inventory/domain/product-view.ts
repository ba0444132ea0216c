import type { Money } from "@orderflow/common/money";
import type { Product } from "./product.ts";
import { available, type Stock } from "./stock.ts";

/** A product and its stock, as everybody is shown it. */
export type ProductView = {
  sku: string;
  name: string;
  description: string;
  unitPrice: Money;
  isActive: boolean;
  version: number;
  available: number;
  onHand: number;
  reserved: number;
};

export function toProductView(product: Product, stock: Stock): ProductView {
  const { sku, name, description, unitPrice, isActive, version } = product;
  const { onHand, reserved } = stock;
  return { sku, name, description, unitPrice, isActive, version, available: available(stock), onHand, reserved };
}
