import { newId } from "@orderflow/common/ids";
import type { Cause, Reservation } from "./change.ts";
import type { Product } from "./product.ts";
import { type OpenShelves, openShelves } from "./shelves.ts";
import { mainLocation, type Stock } from "./stock.ts";

const at = new Date("2026-03-02T10:00:00Z");

/** Builders for tests. */
export function aCause(cause: Partial<Cause> = {}): Cause {
  return { id: newId(), at, ...cause };
}

export function aProduct(product: Partial<Product> = {}): Product {
  return {
    sku: "MUG-0001",
    name: "Stoneware mug",
    description: "",
    unitPrice: { amountMinor: 1250, currency: "EUR" },
    isActive: true,
    version: 1,
    createdAt: at,
    updatedAt: at,
    ...product,
  };
}

export function aStock(stock: Partial<Stock> = {}): Stock {
  return { sku: "MUG-0001", location: mainLocation, onHand: 10, reserved: 0, ...stock };
}

export function aReservation(reservation: Partial<Reservation> = {}): Reservation {
  return { orderId: newId(), sku: "MUG-0001", location: mainLocation, quantity: 3, status: "held", ...reservation };
}

/** Shelves with a product for each stock. */
export function someShelves(
  content: { stocks?: Stock[]; reservations?: Reservation[]; lowStockThreshold?: number } = {},
): OpenShelves {
  const stocks = content.stocks ?? [aStock()];
  const products = stocks.map(({ sku }) => aProduct({ sku, name: `Product ${sku}` }));
  return openShelves({ reservations: [], lowStockThreshold: 5, ...content, products, stocks });
}
