import type { Customers } from "./accounts.ts";
import type { Scenario } from "./bench-options.ts";
import type { BenchSystem } from "./bench-system.ts";
import { countOrders } from "./count-orders.ts";
import type { LoadReport, LoadTask } from "./load.ts";
import { type PartUse, useOfParts } from "./measure-cost.ts";
import { quantilesOf } from "./quantiles.ts";
import { readBatches } from "./read-batches.ts";
import { type Delays, readDelays } from "./read-delays.ts";
import { runLoad } from "./run-load.ts";

/** One scenario with one number of clients, before the limit and the audit are known. */
export type Measured = {
  scenario: Scenario;
  clients: number;
  ordersPerS: number;
  confirmedPerS: number;
  refused: number;
  failed: number;
  steps: LoadReport["steps"];
  p50Ms: number;
  p95Ms: number;
  p99Ms: number;
  maxMs: number;
  /** Of all parts and PostgreSQL together, without the load; of the window alone. */
  cpuMsPerOrder: number;
  /** By part. */
  cpuMs: Record<string, number>;
  /** Of all parts, from the first order of the warm-up until the last mail is sent, for each order placed meanwhile. */
  settledCpuMsPerOrder: number;
  memoryMb: Record<string, number>;
  loadCpuMsPerOrder: number;
  ordersPerBatch: number;
  delays: Delays;
};

type Row = Pick<LoadTask, "scenario" | "clients" | "seed" | "warmUpMs" | "measureMs" | "thinkMs">;

/** `settle` is awaited before what happened after the answers is read. */
export async function measureRow(
  { bench, customers, settle }: { bench: BenchSystem; customers: Customers; settle: () => Promise<void> },
  row: Row,
): Promise<Measured> {
  const { gateway } = bench.system;
  const pids = await bench.pids();
  const samples: { at: Date; use: Record<string, PartUse>; batches: Awaited<ReturnType<typeof readBatches>> }[] = [];
  const sample = async () => {
    const use = useOfParts(pids);
    samples.push({ at: new Date(), use, batches: await readBatches(bench) });
  };
  const task = { ...row, gateway, tokens: await customers.tokens() };
  const begun = { at: new Date(), use: useOfParts(pids) };
  const load = await runLoad(task, { onMeasuring: sample, onMeasured: sample });
  await settle();
  const settled = useOfParts(pids);
  const [before, after] = samples;
  if (!before || !after) throw new Error("the load was not measured");

  const cpuMs = cpuPerOrder(before.use, after.use, load.accepted);
  const place = quantilesOf(load.placeMs);
  const orderUrl = await bench.databaseUrl("order");
  const placed = await countOrders(orderUrl, begun.at);
  const notifyUrl = await bench.databaseUrl("notify");
  const delays = await readDelays({ orderUrl, notifyUrl, from: before.at, to: after.at });
  return {
    scenario: row.scenario,
    clients: row.clients,
    ordersPerS: (load.accepted * 1_000) / load.elapsedMs,
    confirmedPerS: delays.confirmedPerS,
    refused: load.refused,
    failed: load.failed,
    steps: load.steps,
    p50Ms: place.p50,
    p95Ms: place.p95,
    p99Ms: place.p99,
    maxMs: place.max,
    cpuMsPerOrder: sum(cpuMs),
    cpuMs,
    settledCpuMsPerOrder: sum(cpuPerOrder(begun.use, settled, placed)),
    memoryMb: Object.fromEntries(Object.entries(after.use).map(([part, { memoryMb }]) => [part, memoryMb])),
    loadCpuMsPerOrder: load.cpuMs / Math.max(1, load.accepted),
    ordersPerBatch:
      (after.batches.items - before.batches.items) / Math.max(1, after.batches.count - before.batches.count),
    delays,
  };
}

function cpuPerOrder(before: Record<string, PartUse>, after: Record<string, PartUse>, orders: number) {
  const parts = Object.entries(after).map(([part, { cpuMs }]) => [part, cpuMs - (before[part]?.cpuMs ?? 0)] as const);
  return Object.fromEntries(parts.map(([part, cpuMs]) => [part, cpuMs / Math.max(1, orders)]));
}

function sum(byPart: Record<string, number>): number {
  return Object.values(byPart).reduce((total, ms) => total + ms, 0);
}
