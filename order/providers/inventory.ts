import type { TokenSigner } from "@orderflow/common/auth/internal-token";
import type { Peers } from "@orderflow/common/resilience/peers";
import { createInternalClient } from "@orderflow/common/trpc/internal-client";
import type { InventoryInternalRouter } from "@orderflow/inventory/router";
import type { Quote } from "../domain/price-lines.ts";

/** What order asks of inventory. */
export type Inventory = {
  /** Names, prices and availability of the active products among these SKUs; the others are left out. */
  quote(skus: string[]): Promise<Quote[]>;
};

const timeoutMs = 2_000;
const maxSkusPerCall = 2_000;

type Options = { peers: Pick<Peers, "target">; signer: TokenSigner };

/** Rejects with Unavailable when inventory is away or takes longer than 2 s. */
export function createInventory({ peers, signer }: Options): Inventory {
  const client = createInternalClient<InventoryInternalRouter>({
    target: peers.target({ service: "inventory", settings: { timeoutMs } }),
    signer,
    issuer: "order",
    safe: ["quote"],
  });
  return {
    async quote(skus) {
      const parts = chunks(skus, maxSkusPerCall);
      const answers = await Promise.all(parts.map((part) => client.quote.mutate({ skus: part })));
      return answers.flatMap((answer) => answer.quotes);
    },
  };
}

function chunks<T>(items: T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, n) => items.slice(n * size, (n + 1) * size));
}
