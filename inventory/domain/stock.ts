/** The only location until there are more. Stock is keyed by SKU and location all the same. */
export const mainLocation = "main";

/** What one SKU may hold at one location, in units. */
export const maxOnHand = 1_000_000_000;

/** Units of a SKU at a location. `0 <= reserved <= onHand` always. */
export type Stock = { sku: string; location: string; onHand: number; reserved: number };

/** Units that may still be promised to an order. */
export function available(stock: Stock): number {
  return stock.onHand - stock.reserved;
}
