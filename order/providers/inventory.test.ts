import { afterEach, expect, test } from "bun:test";
import { createTokenSigner } from "@orderflow/common/auth/internal-token";
import { Unavailable } from "@orderflow/common/errors";
import { fixedPeers } from "@orderflow/common/resilience/testing/fixed-peers";
import { testKeys } from "@orderflow/tools/testing/test-keys";
import { createInventory } from "./inventory.ts";

let server: Bun.Server<undefined> | undefined;
afterEach(() => server?.stop(true));

const unitPrice = { amountMinor: 450, currency: "EUR" };

test("quotes come back for what was asked, in parts of 2,000 SKUs", async () => {
  const sizes: number[] = [];
  const inventory = await inventoryThat(async (request) => {
    const { skus } = (await request.json()) as { skus: string[] };
    sizes.push(skus.length);
    const quotes = skus.map((sku) => ({ sku, name: "Green tea", unitPrice, available: 1 }));
    return Response.json({ result: { data: { quotes } } });
  });
  const skus = Array.from({ length: 2_001 }, (_, n) => `TEA-${n}`);

  const quotes = await inventory.quote(skus);
  expect(quotes.map((quote) => quote.sku)).toEqual(skus);
  expect(sizes.sort()).toEqual([1, 2_000]);
});

test("an inventory that is away is unavailable", async () => {
  const inventory = await inventoryThat(() => Response.json({}));
  await server?.stop(true);
  await expect(inventory.quote(["TEA-1"])).rejects.toBeInstanceOf(Unavailable);
});

test("an inventory that does not answer is unavailable after 2 s", async () => {
  const inventory = await inventoryThat(() => new Promise<Response>(() => undefined));
  const from = performance.now();
  await expect(inventory.quote(["TEA-1"])).rejects.toBeInstanceOf(Unavailable);
  expect(performance.now() - from).toBeWithin(1_900, 3_000);
});

async function inventoryThat(answer: (request: Request) => Response | Promise<Response>) {
  const { privateKeys } = await testKeys();
  server = Bun.serve({ port: 0, idleTimeout: 0, fetch: answer });
  const signer = createTokenSigner({ issuer: "order", privateKey: privateKeys.order ?? "" });
  return createInventory({ peers: fixedPeers({ inventory: `http://127.0.0.1:${server.port}` }), signer });
}
