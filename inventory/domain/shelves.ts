import type { Fact } from "@orderflow/common/messaging/event";
import type { Change, Movement, Reservation } from "./change.ts";
import type { Product } from "./product.ts";
import type { Stock } from "./stock.ts";

export type ShelvesContent = {
  products: Product[];
  stocks: Stock[];
  reservations: Reservation[];
  /** Available units at or below which a SKU is reported as low. */
  lowStockThreshold: number;
};

/** What a decision may look at. */
export type Shelves = {
  product(sku: string): Product | undefined;
  stock(sku: string): Stock | undefined;
  reservations(orderId: string): Reservation[];
  lowStockThreshold: number;
};

/** Shelves that a batch of decisions is made against, one by one: each sees what those before it left. */
export type OpenShelves = Shelves & {
  put(change: Change): void;
  /** All that was put: of each row the last state, of movements and facts every one, in order. */
  changed(): Change;
};

export function openShelves(content: ShelvesContent): OpenShelves {
  const products = new Map(content.products.map((product) => [product.sku, product]));
  const stocks = new Map(content.stocks.map((stock) => [stock.sku, stock]));
  const reservations = Map.groupBy(content.reservations, (reservation) => reservation.orderId);
  const touched = { products: new Set<string>(), stocks: new Set<string>(), orders: new Set<string>() };
  const movements: Movement[] = [];
  const facts: Fact[] = [];

  return {
    lowStockThreshold: content.lowStockThreshold,
    product: (sku) => products.get(sku),
    stock: (sku) => stocks.get(sku),
    reservations: (orderId) => reservations.get(orderId) ?? [],
    put(change) {
      for (const product of change.products) products.set(product.sku, product);
      for (const product of change.products) touched.products.add(product.sku);
      for (const stock of change.stocks) stocks.set(stock.sku, stock);
      for (const stock of change.stocks) touched.stocks.add(stock.sku);
      for (const [orderId, changed] of Map.groupBy(change.reservations, (reservation) => reservation.orderId)) {
        reservations.set(orderId, mergeBySku(reservations.get(orderId) ?? [], changed));
        touched.orders.add(orderId);
      }
      movements.push(...change.movements);
      facts.push(...change.facts);
    },
    changed: () => ({
      products: pick(products, touched.products),
      stocks: pick(stocks, touched.stocks),
      reservations: pick(reservations, touched.orders).flat(),
      movements,
      facts,
    }),
  };
}

function mergeBySku(old: Reservation[], changed: Reservation[]): Reservation[] {
  return [...new Map([...old, ...changed].map((reservation) => [reservation.sku, reservation])).values()];
}

/** In key order, which is the order rows are locked and written in. */
function pick<T>(all: Map<string, T>, keys: Set<string>): T[] {
  return [...keys].sort().flatMap((key) => all.get(key) ?? []);
}
