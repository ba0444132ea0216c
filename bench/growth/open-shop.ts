import postgres from "postgres";
import { signIn } from "../../e2e/support/shop.ts";
import { type Customers, signUpCustomers } from "../system/accounts.ts";
import { type BenchSystem, startBenchSystem } from "../system/bench-system.ts";
import type { Catalogue } from "../system/draw-lines.ts";

/** A filled shop that works, and who asks it. */
export type OpenShop = {
  name: "small" | "grown";
  bench: BenchSystem;
  customers: Customers;
  catalogue: Catalogue;
  /** What the demo accounts send: the customer has every twentieth order. */
  headers: Record<"customer" | "operator", { authorization: string }>;
};

/** Nothing is pruned but when a measurement asks for it. */
const never = { PRUNE_INTERVAL_S: "86400" };

export async function openShop(name: OpenShop["name"], state: string, env: Record<string, string> = never) {
  const bench = await startBenchSystem({ state, env });
  try {
    const { gateway } = bench.system;
    const [customer, operator] = await Promise.all([
      signIn(bench.system, "customer"),
      signIn(bench.system, "operator"),
    ]);
    const shop: OpenShop = {
      name,
      bench,
      customers: await signUpCustomers(gateway),
      catalogue: { prefix: "GROWTH-", digits: 6, count: await countProducts(bench) },
      headers: { customer: customer.headers, operator: operator.headers },
    };
    return shop;
  } catch (error) {
    await bench.stop();
    throw error;
  }
}

async function countProducts(bench: BenchSystem): Promise<number> {
  const sql = postgres(await bench.databaseUrl("inventory"), { max: 1 });
  try {
    const [row] = await sql<{ count: number }[]>`select count(*)::int as count from product where sku like 'GROWTH-%'`;
    return row?.count ?? 0;
  } finally {
    await sql.end();
  }
}
