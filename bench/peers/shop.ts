/** Software that takes orders, and how it is run here: by the way its makers advise for production. */
export type ShopSoftware = {
  name: string;
  /** Of its packages. */
  version: string;
  /** From the first line to the order, the fewest that its API takes. */
  requestsPerOrder: number;
  /** Starts it on an empty database, with the products below. */
  open(place: Place): Promise<Shop>;
};

export type Place = {
  /** Its own; what is installed there is kept from run to run. */
  folder: string;
  /** How many processes answer requests, where there can be more than one. */
  servers: number;
};

export type Shop = {
  /** By part; `postgres` is that of the postmaster. */
  pids(): Promise<Record<string, number>>;
  /** Signed up and in. */
  customer(index: number): Promise<Customer>;
  /** Waits until nothing is undecided. */
  books(): Promise<Books>;
  stop(): Promise<void>;
};

export type Customer = {
  /**
   * An order of one unit of each product. Resolves with false when the shop says that it has no more of one, rejects when it
   * fails in another way.
   */
  place(products: number[]): Promise<boolean>;
};

/** What its tables hold. */
export type Books = {
  /** That stand, with payment where there is one. */
  orders: number;
  /** In the lines of those. */
  units: number;
  /** By the counters of the stock, which decide what can still be bought. */
  reserved: number;
};

/** Products 0 to 999 do not run out; the one after them does. */
export const products = { plentiful: 1_000, plenty: 1_000_000, scarce: 1_000, scarceUnits: 100 };

export const nameOfProduct = (product: number): string => `BENCH-${String(product).padStart(4, "0")}`;

/** All of them, in their order. */
export function shelf(): { sku: string; units: number }[] {
  return Array.from({ length: products.plentiful + 1 }, (_, product) => ({
    sku: nameOfProduct(product),
    units: product === products.scarce ? products.scarceUnits : products.plenty,
  }));
}
