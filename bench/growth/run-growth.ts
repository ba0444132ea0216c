import { rm } from "node:fs/promises";
import { resolve } from "node:path";
import { forgetState } from "@orderflow/tools/supervisor/fresh-start";
import { temporaryFolder } from "@orderflow/tools/testing/temporary-folder";
import { placeRound } from "../system/place-round.ts";
import { fillState } from "./fill-state.ts";
import type { GrowthOptions } from "./growth-options.ts";
import { type OpenShop, openShop } from "./open-shop.ts";
import { pruneRounds } from "./prune-round.ts";
import { readRounds } from "./read-rounds.ts";
import { type ShopRound, showPruning, showReads, showRounds } from "./show-growth.ts";

const smallShop = { orders: 1_000, skus: 1_000, days: 30, logDays: 14 };

/** Measures the grown shop beside a small one of its own. Returns the exit code. */
export async function runGrowth(options: GrowthOptions): Promise<number> {
  const grownState = resolve(options.grown);
  const smallState = temporaryFolder();
  try {
    await fillState({ state: smallState, ...smallShop });
    const { rounds, reads } = await compareShops([smallState, grownState], options);
    console.log(`\n${showRounds(rounds)}\n\n${showReads(reads)}`);
    const pruning = options.prunes ? await pruneRounds(grownState, options) : [];
    if (options.prunes) console.log(`\n${showPruning(pruning)}`);
    if (options.json) await Bun.write(options.json, `${JSON.stringify({ rounds, reads, pruning }, null, 2)}\n`);
    return 0;
  } finally {
    forgetState(smallState);
    await rm(smallState, { recursive: true, force: true });
  }
}

async function compareShops([smallState, grownState]: [string, string], options: GrowthOptions) {
  const small = await openShop("small", smallState);
  try {
    const grown = await openShop("grown", grownState);
    try {
      const rounds = await placeInTurns([small, grown], options);
      return { rounds, reads: await readRounds([small, grown], options) };
    } finally {
      await grown.bench.stop();
    }
  } finally {
    await small.bench.stop();
  }
}

/** Small, grown, grown, small, …: what drifts with time touches both alike. */
async function placeInTurns(shops: OpenShop[], options: GrowthOptions): Promise<ShopRound[]> {
  const rounds: ShopRound[] = [];
  for (let turn = 0; turn < options.rounds; turn++) {
    const order = turn % 2 === 0 ? shops : [...shops].reverse();
    for (const shop of order) {
      const load = { ...options, scenario: "uniform", seed: options.seed + turn * 1_000 } as const;
      const round = { ...(await placeRound(shop, load)), shop: shop.name };
      console.log(
        `${shop.name}: ${round.ordersPerS.toFixed(0)} orders/s, ${round.cpuMsPerOrder.toFixed(2)} ms of CPU each`,
      );
      rounds.push(round);
    }
  }
  return rounds;
}
