import { parseArgs } from "node:util";
import { wholeNumber } from "@orderflow/tools/install/read-options";
import { UsageError } from "@orderflow/tools/install/usage-error";
import { knownScenario, type Scenario, scenarios } from "../system/bench-options.ts";

export type CompareOptions = {
  revisions: [string, string];
  scenario: Scenario;
  clients: number;
  rounds: number;
  seconds: number;
  warmUpSeconds: number;
  seed: number;
  json?: string;
};

export const compareHelp = `Usage: bun bench/compare.ts REVISION REVISION [options]

What a change is worth: starts the system of the one and of the other revision in turns, each time afresh and from a checkout
of its own, lets the same clients place the same orders, and compares. The load and the stock are those of this checkout.
Linux only: CPU is read from /proc.

  REVISION         anything that git knows: a branch, a tag, a commit, HEAD~3
  --rounds N       of each revision, 1 to 20 (default 3)
  --scenario NAME  ${scenarios.join(", ")} (default uniform)
  --clients N      that place at once, 1 to 512 (default 32)
  --seconds N      measured in each round, 1 to 600 (default 10)
  --warm-up-s N    before each round, not measured, 0 to 60 (default 5)
  --seed S         the same seed draws the same orders (default 1)
  --json FILE      writes the rounds as JSON
  --help           this text`;

/** Throws UsageError naming what is wrong. */
export function parseCompareOptions(args: string[]): CompareOptions {
  const { values, positionals } = parse(args);
  const [first, second, ...more] = positionals;
  if (!first || !second || more.length > 0)
    throw new UsageError(`Two revisions are compared, not ${positionals.length}`);
  return {
    revisions: [first, second],
    scenario: knownScenario(values.scenario ?? "uniform"),
    clients: wholeNumber("--clients", values.clients ?? "32", { min: 1, max: 512 }),
    rounds: wholeNumber("--rounds", values.rounds ?? "3", { min: 1, max: 20 }),
    seconds: wholeNumber("--seconds", values.seconds ?? "10", { min: 1, max: 600 }),
    warmUpSeconds: wholeNumber("--warm-up-s", values["warm-up-s"] ?? "5", { min: 0, max: 60 }),
    seed: wholeNumber("--seed", values.seed ?? "1", { min: 0, max: 2 ** 31 }),
    ...(values.json ? { json: values.json } : {}),
  };
}

function parse(args: string[]) {
  const text = { type: "string" } as const;
  try {
    const sizes = { clients: text, rounds: text, seconds: text, "warm-up-s": text };
    const options = { ...sizes, scenario: text, seed: text, json: text };
    return parseArgs({ args, options, allowPositionals: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
