import type { Account } from "./accounts.ts";
import { createCallLog } from "./call-log.ts";
import { patientCall } from "./patient-call.ts";
import type { Product } from "./visits.ts";

export async function stockShelves({ shop }: Account, products: Product[]): Promise<void> {
  for (const [index, { sku, initialStock }] of products.entries()) {
    const unitPrice = { amountMinor: 100 + index, currency: "EUR" };
    const product = { idempotencyKey: crypto.randomUUID(), sku, name: `Thing ${sku}`, unitPrice, initialStock };
    const answer = await patientCall(() => shop.inventory.createProduct.mutate(product), {
      ...{ name: "createProduct", maxTries: 20, log: createCallLog() },
    });
    if (answer.kind !== "accepted") throw new Error(`${sku} could not be stocked: ${JSON.stringify(answer)}`);
  }
}
