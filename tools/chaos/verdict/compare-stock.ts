import type { Product } from "../clients/visits.ts";
import type { Testimony } from "../clients/witness.ts";
import type { StoredOrder } from "./compare-orders.ts";
import type { Books } from "./open-books.ts";

export type StockFindings = { unitsSold: number; oversold: string[]; adjusted: number; miscounted: string[] };

type Shelf = { sku: string; onHand: number; reserved: number };

/** What was received, adjusted and sold, by the witness and the orders, against what the shelves hold. */
export async function compareStock(
  { inventory }: Books,
  { products, orders, testimonies }: { products: Product[]; orders: StoredOrder[]; testimonies: Testimony[] },
): Promise<StockFindings> {
  const shelves = await inventory<Shelf[]>`
    select sku, on_hand::int as "onHand", reserved::int as reserved from stock where sku like 'CHAOS-%'`;
  const sold = soldUnits(orders);
  const deltas = adjustments(testimonies);
  const findings: StockFindings = { unitsSold: 0, oversold: [], adjusted: deltas.count, miscounted: [] };
  for (const { sku, initialStock } of products) {
    const shelf = shelves.find((each) => each.sku === sku);
    const received = initialStock + (deltas.bySku.get(sku) ?? 0);
    const units = sold.get(sku) ?? 0;
    findings.unitsSold += units;
    if (units > received) findings.oversold.push(`${sku}: ${units} sold of ${received}`);
    if (shelf?.onHand !== received - units || shelf.reserved !== 0)
      findings.miscounted.push(
        `${sku}: ${received} received, ${units} sold, and ${JSON.stringify(shelf)} on the shelf`,
      );
  }
  return findings;
}

function soldUnits(orders: StoredOrder[]): Map<string, number> {
  const sold = new Map<string, number>();
  for (const { lines } of orders.filter(({ status }) => status === "shipped" || status === "delivered")) {
    for (const line of lines.split(" ")) {
      const [sku = "", quantity] = line.split("×");
      sold.set(sku, (sold.get(sku) ?? 0) + Number(quantity));
    }
  }
  return sold;
}

/** A key that was answered more than once counts once. */
function adjustments(testimonies: Testimony[]): { count: number; bySku: Map<string, number> } {
  const bySku = new Map<string, number>();
  const keys = new Set<string>();
  for (const told of testimonies) {
    if (told.call !== "adjust" || told.outcome !== "accepted" || keys.has(told.key)) continue;
    keys.add(told.key);
    bySku.set(told.sku, (bySku.get(told.sku) ?? 0) + told.delta);
  }
  return { count: keys.size, bySku };
}
