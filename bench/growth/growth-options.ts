import { parseArgs } from "node:util";
import { wholeNumber } from "@orderflow/tools/install/read-options";
import { UsageError } from "@orderflow/tools/install/usage-error";

export type GrowthOptions = {
  grown: string;
  clients: number;
  rounds: number;
  seconds: number;
  warmUpSeconds: number;
  reads: number;
  prunes: boolean;
  seed: number;
  json?: string;
};

export const growthHelp = `Usage: bun bench/growth.ts --grown FOLDER [options]

What size costs: sets a shop that bun bench/fill.ts made beside one of 1,000 orders and 1,000 products, on the same machine
at the same time. Clients place orders in the one and the other in turns; then one client reads, each kind of reading in the
one and the other in turns. Linux only: CPU is read from /proc.

  --grown FOLDER   the state folder of the grown shop, which stays, with the orders placed meanwhile
  --clients N      that place at once, 1 to 512 (default 32)
  --rounds N       of placing, in each shop, 1 to 20 (default 3)
  --seconds N      of each round, 1 to 60 (default 8)
  --warm-up-s N    before each round, not measured, 0 to 60 (default 3)
  --reads N        of each kind, in each shop, 10 to 10000 (default 300)
  --prune          afterwards lets the grown shop prune its logs, while orders are placed
  --seed S         the same seed draws the same orders (default 1)
  --json FILE      writes the figures as JSON
  --help           this text`;

/** Throws UsageError naming what is wrong. */
export function parseGrowthOptions(args: string[]): GrowthOptions {
  const values = parse(args);
  if (!values.grown) throw new UsageError("--grown names the state folder that bun bench/fill.ts made");
  return {
    grown: values.grown,
    clients: wholeNumber("--clients", values.clients ?? "32", { min: 1, max: 512 }),
    rounds: wholeNumber("--rounds", values.rounds ?? "3", { min: 1, max: 20 }),
    seconds: wholeNumber("--seconds", values.seconds ?? "8", { min: 1, max: 60 }),
    warmUpSeconds: wholeNumber("--warm-up-s", values["warm-up-s"] ?? "3", { min: 0, max: 60 }),
    reads: wholeNumber("--reads", values.reads ?? "300", { min: 10, max: 10_000 }),
    prunes: values.prune ?? false,
    seed: wholeNumber("--seed", values.seed ?? "1", { min: 0, max: 2 ** 31 }),
    ...(values.json ? { json: values.json } : {}),
  };
}

function parse(args: string[]) {
  const text = { type: "string" } as const;
  const flag = { type: "boolean" } as const;
  try {
    const sizes = { clients: text, rounds: text, seconds: text, "warm-up-s": text, reads: text, seed: text };
    return parseArgs({ args, options: { grown: text, ...sizes, prune: flag, json: text } }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
