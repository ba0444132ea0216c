import type { Customers } from "./accounts.ts";
import { awaitSettled } from "./await-settled.ts";
import type { Scenario } from "./bench-options.ts";
import type { BenchSystem } from "./bench-system.ts";
import type { Catalogue } from "./draw-lines.ts";
import { type PartUse, useOfParts } from "./measure-cost.ts";
import { quantilesOf } from "./quantiles.ts";
import { runLoad } from "./run-load.ts";

export type Round = {
  ordersPerS: number;
  p50Ms: number;
  p99Ms: number;
  /** Of all parts and PostgreSQL, without the load. */
  cpuMsPerOrder: number;
  postgresMsPerOrder: number;
  failed: number;
};

type Shop = { bench: BenchSystem; customers: Customers; catalogue?: Catalogue };
export type Load = { scenario: Scenario; clients: number; seconds: number; warmUpSeconds: number; seed: number };

/** Lets clients place orders, and waits until all that follows from them is done. */
export async function placeRound({ bench, customers, catalogue }: Shop, load: Load): Promise<Round> {
  const { seconds, warmUpSeconds, scenario, clients, seed } = load;
  const pids = await bench.pids();
  const samples: Record<string, PartUse>[] = [];
  const sample = async () => void samples.push(useOfParts(pids));
  const task = {
    ...{ gateway: bench.system.gateway, tokens: await customers.tokens(), scenario, clients, seed },
    ...{ warmUpMs: warmUpSeconds * 1_000, measureMs: seconds * 1_000, ...(catalogue && { catalogue }) },
  };
  const done = await runLoad(task, { onMeasuring: sample, onMeasured: sample });
  await awaitSettled(bench, console.log);
  const [before, after] = samples;
  if (!before || !after) throw new Error("the load was not measured");
  const used = (part: string) => ((after[part]?.cpuMs ?? 0) - (before[part]?.cpuMs ?? 0)) / Math.max(1, done.accepted);
  const { p50, p99 } = quantilesOf(done.placeMs);
  return {
    ordersPerS: (done.accepted * 1_000) / done.elapsedMs,
    p50Ms: p50,
    p99Ms: p99,
    cpuMsPerOrder: Object.keys(after).reduce((sum, part) => sum + used(part), 0),
    postgresMsPerOrder: used("postgres"),
    failed: done.failed,
  };
}
