import { type Checkout, makeCheckout } from "../../e2e/support/checkout.ts";
import { signUpCustomers } from "../system/accounts.ts";
import { startBenchSystem } from "../system/bench-system.ts";
import { placeRound, type Round } from "../system/place-round.ts";
import { stockShelves } from "../system/stock-shelves.ts";
import type { CompareOptions } from "./compare-options.ts";
import { type Measured, showComparison } from "./show-comparison.ts";

type Side = Measured & { checkout: Checkout };

/** Measures both revisions in turns. Returns the exit code. */
export async function runCompare(options: CompareOptions): Promise<number> {
  const sides: Side[] = [];
  // Ctrl-C takes the systems down, which hear it as well; the checkouts are ours to remove.
  const removeAll = () => Promise.all(sides.map(({ checkout }) => checkout.remove()));
  process.once("SIGINT", () => void removeAll().finally(() => process.exit(130)));
  try {
    for (const revision of options.revisions) {
      const checkout = await makeCheckout();
      const side = { revision, rounds: [], checkout };
      sides.push(side);
      const commit = await checkout.to(revision);
      side.revision = `${revision} (${commit.slice(0, 7)})`;
    }
    await measureInTurns(sides, options);
    const [first, second] = sides;
    if (!first || !second) throw new Error("there are no two revisions");
    console.log(`\n${showComparison([first, second])}`);
    const measured = sides.map(({ revision, rounds }) => ({ revision, rounds }));
    if (options.json) await Bun.write(options.json, `${JSON.stringify(measured, null, 2)}\n`);
    return 0;
  } finally {
    await removeAll();
  }
}

/** First, second, second, first, …: what drifts with time touches both alike. */
async function measureInTurns(sides: Side[], options: CompareOptions): Promise<void> {
  for (let turn = 0; turn < options.rounds; turn++) {
    for (const side of turn % 2 === 0 ? sides : [...sides].reverse()) {
      const round = await measureFresh(side.checkout, { ...options, seed: options.seed + turn * 1_000 });
      console.log(
        `${side.revision}: ${round.ordersPerS.toFixed(0)} orders/s, ${round.cpuMsPerOrder.toFixed(3)} ms of CPU each`,
      );
      side.rounds.push(round);
    }
  }
}

async function measureFresh({ folder }: Checkout, options: CompareOptions): Promise<Round> {
  const bench = await startBenchSystem({ checkout: folder });
  try {
    await stockShelves(await bench.databaseUrl("inventory"), options.scenario);
    const customers = await signUpCustomers(bench.system.gateway);
    return await placeRound({ bench, customers }, options);
  } finally {
    await bench.stop();
  }
}
