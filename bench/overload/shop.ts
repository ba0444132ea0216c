import { type Customers, signUpCustomers } from "../system/accounts.ts";
import { type BenchSystem, startBenchSystem } from "../system/bench-system.ts";
import type { LoadReport } from "../system/load.ts";
import { type Quantiles, quantilesOf } from "../system/quantiles.ts";
import { runLoad } from "../system/run-load.ts";
import { stockShelves } from "../system/stock-shelves.ts";

/** A system with goods and customers, to ask too much of. */
export type Shop = { bench: BenchSystem; customers: Customers };

/** `work` with a fresh one, which is gone afterwards. */
export async function withShop<T>(env: Record<string, string>, work: (shop: Shop) => Promise<T>): Promise<T> {
  const bench = await startBenchSystem({ env });
  try {
    await stockShelves(await bench.databaseUrl("inventory"), "uniform");
    return await work({ bench, customers: await signUpCustomers(bench.system.gateway) });
  } finally {
    await bench.stop();
  }
}

export type Placing = { ordersPerS: number; failed: number; loadCpu: number } & Quantiles;

type Pace = { clients: number; warmUpMs: number; measureMs: number };

/** Clients who place one order after another. `loadCpu` is in cores. */
export async function measurePlacing({ bench, customers }: Shop, pace: Pace): Promise<Placing> {
  const task = { gateway: bench.system.gateway, tokens: await customers.tokens(), scenario: "uniform" as const };
  const nothing = async () => undefined;
  const load = await runLoad({ ...task, ...pace, seed: 1 }, { onMeasuring: nothing, onMeasured: nothing });
  return placingOf(load);
}

function placingOf({ accepted, elapsedMs, failed, placeMs, cpuMs }: LoadReport): Placing {
  const ordersPerS = (accepted * 1_000) / elapsedMs;
  return { ordersPerS, failed, loadCpu: cpuMs / elapsedMs, ...quantilesOf(placeMs) };
}

export async function isAuditClean({ bench }: Shop): Promise<boolean> {
  const { code, output } = await bench.system.command("audit");
  if (code !== 0) console.log(output);
  return code === 0;
}
