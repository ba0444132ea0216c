import { takeTurns } from "@orderflow/common/jobs/take-turns";
import { createRandom } from "@orderflow/tools/chaos/seeded-random";
import { drawTwo } from "../system/draw-lines.ts";
import { type PartUse, useOfParts } from "../system/measure-cost.ts";
import { type Quantiles, quantilesOf } from "../system/quantiles.ts";
import { type Customer, products, type Shop } from "./shop.ts";

export type Load = { clients: number; seconds: number; warmUpSeconds: number; seed: number };

export type Measured = {
  clients: number;
  /** Answered while it was measured. */
  orders: number;
  ordersPerS: number;
  /** From the first request of an order to its last answer. */
  ms: Quantiles;
  failed: number;
  failures: string[];
  /** By part, for each order; `load` is this process. */
  cpuMs: Record<string, number>;
  memoryMb: Record<string, number>;
};

const keptFailures = 5;
const signInsAtOnce = 4;

/** Clients place orders of two lines, one after another each. */
export async function measureShop(shop: Shop, { clients, seconds, warmUpSeconds, seed }: Load): Promise<Measured> {
  const customers = await signedIn(shop, clients);
  const pids = await shop.pids();
  const tookMs: number[] = [];
  const failures = new Map<string, number>();
  let isMeasuring = false;
  let isOver = false;

  async function buy(customer: Customer, index: number): Promise<void> {
    const random = createRandom(seed + index);
    // Who starts together ends together, and a short window would count a burst.
    await Bun.sleep((warmUpSeconds * 500 * index) / clients);
    while (!isOver) {
      const startedAt = performance.now();
      const outcome = await customer.place(drawTwo(random, products.plentiful)).catch(String);
      if (outcome === true) {
        if (isMeasuring) tookMs.push(performance.now() - startedAt);
        continue;
      }
      const failure = outcome === false ? "sold out" : outcome;
      failures.set(failure, (failures.get(failure) ?? 0) + 1);
    }
  }

  const buying = customers.map(buy);
  await Bun.sleep(warmUpSeconds * 1_000);
  const before = useWithLoad(pids);
  const startedAt = performance.now();
  isMeasuring = true;
  await Bun.sleep(seconds * 1_000);
  isMeasuring = false;
  const elapsedS = (performance.now() - startedAt) / 1_000;
  const after = useWithLoad(pids);
  isOver = true;
  await Promise.all(buying);
  const orders = tookMs.length;
  const perOrder = ([part, { cpuMs }]: [string, PartUse]) => [
    part,
    (cpuMs - (before[part]?.cpuMs ?? 0)) / Math.max(1, orders),
  ];
  return {
    ...{ clients, orders, ordersPerS: orders / elapsedS, ms: quantilesOf(tookMs) },
    failed: [...failures.values()].reduce((sum, times) => sum + times, 0),
    failures: [...failures.keys()].slice(0, keptFailures),
    cpuMs: Object.fromEntries(Object.entries(after).map(perOrder)),
    memoryMb: Object.fromEntries(Object.entries(after).map(([part, { memoryMb }]) => [part, memoryMb])),
  };
}

export type BuyOut = {
  units: number;
  sold: number;
  reserved: number;
  orders: number;
  failed: number;
  failures: string[];
};

const maxFailuresEach = 20;
/** A shop whose counter loses what is sold sells on and on. */
const maxBuyOutMs = 120_000;

/** Clients buy one unit of the same product, one after another each, until each is told that there is no more, or time is over. */
export async function buyOut(shop: Shop, clients: number): Promise<BuyOut> {
  const customers = await signedIn(shop, clients);
  const before = await shop.books();
  const failures: string[] = [];

  async function buy(customer: Customer): Promise<void> {
    const endAt = performance.now() + maxBuyOutMs;
    for (let failed = 0; failed < maxFailuresEach && performance.now() < endAt; ) {
      const outcome = await customer.place([products.scarce]).catch(String);
      if (outcome === false) return;
      if (outcome === true) continue;
      failures.push(outcome);
      failed++;
    }
  }

  await Promise.all(customers.map(buy));
  const after = await shop.books();
  return {
    units: products.scarceUnits,
    sold: after.units - before.units,
    reserved: after.reserved - before.reserved,
    orders: after.orders - before.orders,
    failed: failures.length,
    failures: [...new Set(failures)].slice(0, keptFailures),
  };
}

function signedIn(shop: Shop, count: number): Promise<Customer[]> {
  const turns = takeTurns(signInsAtOnce);
  return Promise.all(Array.from({ length: count }, (_, index) => turns.take(() => shop.customer(index))));
}

function useWithLoad(pids: Record<string, number>): Record<string, PartUse> {
  const { user, system } = process.cpuUsage();
  return { ...useOfParts(pids), load: { memoryMb: 0, cpuMs: (user + system) / 1_000 } };
}
