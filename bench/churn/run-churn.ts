import postgres from "postgres";
import { signUpCustomers } from "../system/accounts.ts";
import { type BenchSystem, startBenchSystem } from "../system/bench-system.ts";
import { runLoad } from "../system/run-load.ts";
import { stockShelves } from "../system/stock-shelves.ts";
import type { ChurnOptions } from "./churn-options.ts";
import { hurryAutovacuum, lookAtTables, packTables, type TableLook } from "./look-at-tables.ts";
import { isBloated, showLives, tableLives } from "./show-churn.ts";

const env = {
  CARRIER_DISPATCH_DELAY_MS: "100",
  CARRIER_DELIVERY_DELAY_MS: "100",
  CARRIER_LATENCY_MS: "0",
  EVENT_RETENTION_HOURS: "0",
  PRUNE_INTERVAL_S: "5",
  JOB_CONCURRENCY: "20",
};
const burstMs = 4_000;
const lookMs = 500;
const maxWaitMs = 900_000;

/** Runs as many orders through their life as asked for. Returns the exit code. */
export async function runChurn(options: ChurnOptions): Promise<number> {
  const bench = await startBenchSystem({ env });
  try {
    await hurryAutovacuum(bench);
    await stockShelves(await bench.databaseUrl("inventory"), "uniform");
    const looks = await live(bench, options);
    await packTables(bench);
    const lives = tableLives(looks, await lookAtTables(bench));
    console.log(`\n${showLives(lives)}`);
    if (options.json) await Bun.write(options.json, `${JSON.stringify(lives, null, 2)}\n`);
    const bloated = lives.filter(isBloated).map(({ table }) => table);
    if (bloated.length > 0) console.log(`\nLarger than they may be: ${bloated.join(", ")}`);
    return bloated.length > 0 ? 1 : 0;
  } finally {
    await bench.stop();
  }
}

/** Places in bursts; after each everything may come to its end, so that at a look nothing is on its way. */
async function live(bench: BenchSystem, options: ChurnOptions): Promise<TableLook[][]> {
  const customers = await signUpCustomers(bench.system.gateway);
  const looks: TableLook[][] = [];
  const startedAt = performance.now();
  for (let burst = 0, done = 0; done < options.orders; burst++) {
    const { clients, seed } = options;
    const task = {
      ...({ gateway: bench.system.gateway, tokens: await customers.tokens(), scenario: "uniform", clients } as const),
      ...{ seed: seed + burst * 1_000, warmUpMs: 0, measureMs: burstMs },
    };
    const nothing = async () => undefined;
    await runLoad(task, { onMeasuring: nothing, onMeasured: nothing });
    done = await untilDelivered(bench);
    const seconds = ((performance.now() - startedAt) / 1_000).toFixed(0);
    if (done < ((looks.length + 1) * options.orders) / options.samples) continue;
    looks.push(await lookAtTables(bench));
    console.log(`${seconds} s: ${done} orders are delivered`);
  }
  return looks;
}

/** Answers how many there are by now. */
async function untilDelivered(bench: BenchSystem): Promise<number> {
  const [order, notify] = [await bench.databaseUrl("order"), await bench.databaseUrl("notify")];
  const sqls = [order, notify].map((url) => postgres(url, { max: 1 }));
  const [orders, mails] = sqls;
  if (!orders || !mails) throw new Error("there are no connections");
  try {
    for (const startedAt = performance.now(); ; await Bun.sleep(lookMs)) {
      const [alive] = await orders<{ count: number; all: number }[]>`
        select count(*) filter (where status in ('pending', 'confirmed', 'shipped'))::int as count, count(*)::int as all
        from customer_order`;
      const [unsent] = await mails<
        { count: number }[]
      >`select count(*)::int as count from delivery where status = 'pending'`;
      if (alive?.count === 0 && unsent?.count === 0) return alive.all;
      if (performance.now() - startedAt > maxWaitMs)
        throw new Error(`${alive?.count} orders did not come to their end`);
    }
  } finally {
    await Promise.all(sqls.map((sql) => sql.end()));
  }
}
