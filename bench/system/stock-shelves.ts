import postgres from "postgres";
import { seedProducts } from "../../inventory/repositories/seed-products.ts";
import type { Scenario } from "./bench-options.ts";
import { plenty, scarceStock, skuCount, skuOf } from "./draw-lines.ts";

/** Puts the products of a scenario on the shelves, as the seed of a new shop does. */
export async function stockShelves(inventoryUrl: string, scenario: Scenario): Promise<void> {
  const sql = postgres(inventoryUrl, { max: 1, onnotice: () => undefined });
  try {
    await seedProducts(
      sql,
      Array.from({ length: skuCount }, (_, index) => ({
        sku: skuOf(scenario, index),
        name: `Bench ${scenario} ${index}`,
        description: "",
        unitPrice: { amountMinor: 100 + index, currency: "EUR" },
        initialStock: scenario === "scarce" ? scarceStock : plenty,
      })),
    );
  } finally {
    await sql.end({ timeout: 5 });
  }
}
