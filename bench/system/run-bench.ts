import { availableParallelism } from "node:os";
import { signUpCustomers } from "./accounts.ts";
import { awaitSettled } from "./await-settled.ts";
import type { BenchOptions, Scenario } from "./bench-options.ts";
import { type BenchSystem, startBenchSystem } from "./bench-system.ts";
import { createLimit, type Limit } from "./limit/measure-limit.ts";
import { measureRow } from "./measure-row.ts";
import { isExact, sellOut } from "./sell-out.ts";
import { type BenchRow, showParts, showRows } from "./show-rows.ts";
import { stockShelves } from "./stock-shelves.ts";

/** Measures every scenario with every number of clients. Returns the exit code: 0 when every audit is clean. */
export async function runBench(options: BenchOptions): Promise<number> {
  const bench = await startBenchSystem(options);
  try {
    const limit = await createLimit((await bench.system.run()).postgres.url);
    say(`The system is up on ${availableParallelism()} cores; the limit is measured with ${limit.tool}`);
    const customers = await signUpCustomers(bench.system.gateway);
    const rows: BenchRow[] = [];
    for (const scenario of options.scenarios) {
      rows.push(...(await measureScenario({ bench, limit, customers, options }, scenario)));
    }
    console.log(`\n${showRows(rows)}\n\nCPU of an order by part, and memory\n${showParts(rows)}`);
    if (options.json) await Bun.write(options.json, `${JSON.stringify(rows, null, 2)}\n`);
    return rows.every(({ audit, sold }) => audit === "clean" && isExact(sold)) ? 0 : 1;
  } finally {
    await bench.stop();
  }
}

type Bench = {
  bench: BenchSystem;
  limit: Limit;
  customers: Awaited<ReturnType<typeof signUpCustomers>>;
  options: BenchOptions;
};

async function measureScenario({ bench, limit, customers, options }: Bench, scenario: Scenario): Promise<BenchRow[]> {
  const { seed, seconds, warmUpSeconds, thinkMs } = options;
  await stockShelves(await bench.databaseUrl("inventory"), scenario);
  const rows: Omit<BenchRow, "audit" | "sold">[] = [];
  for (const clients of options.clients) {
    const settle = () => awaitSettled(bench, say);
    const timing = { warmUpMs: warmUpSeconds * 1_000, measureMs: seconds * 1_000, thinkMs };
    const measured = await measureRow({ bench, customers, settle }, { scenario, clients, seed, ...timing });
    const limitOrdersPerS = await limit.measure({ clients, isHot: scenario === "hot", seconds });
    const row = { ...measured, limitOrdersPerS, ratio: measured.ordersPerS / limitOrdersPerS };
    say(`${scenario}, ${clients} clients: ${row.ordersPerS.toFixed(0)} orders/s, ${row.ratio.toFixed(2)} of the limit`);
    rows.push(row);
  }
  const sold = scenario === "scarce" ? await sellOut({ bench, customers }) : undefined;
  if (sold) say(`scarce: ${sold.sold} of ${sold.units} units are sold${isExact(sold) ? "" : ", which is WRONG"}`);
  const audit = (await isAuditClean(bench)) ? "clean" : "violated";
  return rows.map((row) => ({ ...row, audit, ...(sold && { sold }) }));
}

async function isAuditClean({ system }: BenchSystem): Promise<boolean> {
  const { code, output } = await system.command("audit");
  if (code !== 0) say(output);
  return code === 0;
}

function say(text: string): void {
  console.log(text);
}
