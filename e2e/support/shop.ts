import type { AppRouter } from "@orderflow/gateway/router";
import { signIn as openSession, tokenOf } from "@orderflow/tools/accounts/sign-in";
import { createTRPCClient, httpLink, type TRPCClient, TRPCClientError } from "@trpc/client";
import type { System } from "./start-system.ts";

export type Shop = TRPCClient<AppRouter>;

const maxTries = 60;
const retryDelayMs = 250;

/** Signs a demo account in and answers a client that speaks for it, and what it sends to do so. */
export async function signIn(
  system: System,
  account: "customer" | "operator",
): Promise<{ shop: Shop; headers: { authorization: string } }> {
  const { demo } = await system.run();
  const session = await openSession(system.gateway, demo[account]);
  const headers = { authorization: `Bearer ${await tokenOf(system.gateway, session)}` };
  return {
    shop: createTRPCClient<AppRouter>({ links: [httpLink({ url: `${system.gateway}/trpc`, headers })] }),
    headers,
  };
}

const deliveredUnits = 100_000;

/** Twenty products, of each of which there is more than a test can sell. Answers their SKUs. */
export async function stockUp(system: System): Promise<string[]> {
  const { shop } = await signIn(system, "operator");
  const { items } = await shop.inventory.search.query({ limit: 20 });
  const skus = items.map(({ sku }) => sku);
  for (const sku of skus) {
    const delivery = { idempotencyKey: crypto.randomUUID(), sku, delta: deliveredUnits, reason: "received" };
    await shop.inventory.adjust.mutate(delivery);
  }
  return skus;
}

/** As a client in the field does: asks again, with the same key, whatever may still come right. */
export async function untilAnswered<T>(call: () => Promise<T>): Promise<T | { refused: string }> {
  for (let tries = 1; ; tries++) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof TRPCClientError)) throw error;
      const { reason, httpStatus } = error.data ?? {};
      if (httpStatus !== undefined && httpStatus < 500 && httpStatus !== 429)
        return { refused: reason ?? error.message };
      if (tries === maxTries) throw error;
      await Bun.sleep(retryDelayMs);
    }
  }
}
