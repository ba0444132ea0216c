import { anAddress } from "@orderflow/tools/testing/an-address";
import { ask } from "../ask.ts";
import { type Callers, makeKey } from "../callers.ts";
import type { FuzzOptions } from "./run-fuzz.ts";

/** Who asks, and orders and products to ask about. */
export async function prepareFuzz(
  gateway: string,
  callers: Callers,
): Promise<Pick<FuzzOptions, "gateway" | "credentials" | "pools">> {
  const { customer, operator, nobody } = callers;
  const apiKey = await makeKey(gateway, customer, ["order:read", "order:write", "inventory:read", "account:read"]);
  const found = await ask(gateway, { name: "inventory.search", type: "query", input: { limit: 5 } });
  const skus = (found.data as { items: { sku: string }[] }).items.map(({ sku }) => sku);
  const orderIds: string[] = [];
  for (const sku of [...skus, ...skus]) {
    const input = {
      idempotencyKey: crypto.randomUUID(),
      lines: [{ sku, quantity: 1 }],
      shippingAddress: anAddress,
    };
    const placed = await ask(gateway, { name: "order.place", type: "mutation", input, headers: customer });
    if (placed.status === 200) orderIds.push((placed.data as { id: string }).id);
  }
  const streams = ["order", "inventory", "worker", "order.commands.worker"];
  return {
    gateway,
    credentials: { nobody, customer, operator, apiKey: apiKey.headers },
    pools: { ids: [callers.customerId, callers.otherCustomerId, ...orderIds], orderIds, skus, streams },
  };
}
