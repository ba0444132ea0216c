import { parseArgs } from "node:util";
import { wholeNumber } from "@orderflow/tools/install/read-options";
import { UsageError } from "@orderflow/tools/install/usage-error";

export type ChurnOptions = { orders: number; samples: number; clients: number; seed: number; json?: string };

export const churnHelp = `Usage: bun bench/churn.ts [options]

Whether tables bloat: lets orders be placed at full speed on a fresh system and live their whole life, from pending to
delivered, with the logs pruned as soon as they are heard, and looks at the tables again and again. At the end it packs every
table and says how much larger it was than it need be. Autovacuum looks once a second instead of once a minute, since a day
is over in minutes. Exits with 0 when no table that keeps its rows is more than twice its packed size, and none whose rows
come and go grows by more than half in the second half of the run. Some 70 orders/s live their whole life on two cores.

  --orders N    1000 to 1000000 (default 20000)
  --samples N   looks at the tables, evenly spread, 3 to 100 (default 6)
  --clients N   that place at once, 1 to 512 (default 32)
  --seed S      the same seed draws the same orders (default 1)
  --json FILE   writes every look as JSON
  --help        this text`;

/** Throws UsageError naming what is wrong. */
export function parseChurnOptions(args: string[]): ChurnOptions {
  const values = parse(args);
  return {
    orders: wholeNumber("--orders", values.orders ?? "20000", { min: 1_000, max: 1_000_000 }),
    samples: wholeNumber("--samples", values.samples ?? "6", { min: 3, max: 100 }),
    clients: wholeNumber("--clients", values.clients ?? "32", { min: 1, max: 512 }),
    seed: wholeNumber("--seed", values.seed ?? "1", { min: 0, max: 2 ** 31 }),
    ...(values.json ? { json: values.json } : {}),
  };
}

function parse(args: string[]) {
  const text = { type: "string" } as const;
  try {
    return parseArgs({ args, options: { orders: text, samples: text, clients: text, seed: text, json: text } }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
