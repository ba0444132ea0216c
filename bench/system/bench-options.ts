import { parseArgs } from "node:util";
import { wholeNumber } from "@orderflow/tools/install/read-options";
import { UsageError } from "@orderflow/tools/install/usage-error";

export const scenarios = ["uniform", "hot", "scarce", "mixed"] as const;
/** How the SKUs of an order are drawn, and what else its client calls. */
export type Scenario = (typeof scenarios)[number];

export type BenchOptions = {
  scenarios: Scenario[];
  clients: number[];
  seconds: number;
  warmUpSeconds: number;
  /** How long a client waits after each answer. */
  thinkMs: number;
  seed: number;
  /** Take the CPU profile of each service. */
  profiles?: string;
  json?: string;
};

export const benchHelp = `Usage: bun run bench [options]

Starts a fresh system on production settings, lets clients place orders one after another each, and sets the orders per
second beside what PostgreSQL takes when the same order is written one transaction at a time. Audits after each scenario.
Exits with 0 only when every audit is clean and scarce has sold exactly what there was. Linux only: CPU and memory are read from /proc.

  --scenario NAME,…    ${scenarios.join(", ")} (default: all)
  --clients N,…        clients at once, 1 to 512 (default 1,8,32,128)
  --seconds N          measured for each row, 1 to 600 (default 10)
  --warm-up-s N        before each row, not measured, 0 to 60 (default 3)
  --think-ms N         how long each client waits after an answer, 0 to 60000 (default 0)
  --seed S             the same seed draws the same orders (default 1)
  --profiles FOLDER    writes a CPU profile of each service there, which costs some of its speed
  --json FILE          writes the rows as JSON
  --help               this text`;

/** Throws UsageError naming what is wrong. */
export function parseBenchOptions(args: string[]): BenchOptions {
  const values = parse(args);
  const clients = (values.clients ?? "1,8,32,128").split(",");
  return {
    scenarios: (values.scenario ?? scenarios.join(",")).split(",").map(knownScenario),
    clients: clients.map((text) => wholeNumber("--clients", text, { min: 1, max: 512 })),
    seconds: wholeNumber("--seconds", values.seconds ?? "10", { min: 1, max: 600 }),
    warmUpSeconds: wholeNumber("--warm-up-s", values["warm-up-s"] ?? "3", { min: 0, max: 60 }),
    thinkMs: wholeNumber("--think-ms", values["think-ms"] ?? "0", { min: 0, max: 60_000 }),
    seed: wholeNumber("--seed", values.seed ?? "1", { min: 0, max: 2 ** 31 }),
    ...(values.profiles ? { profiles: values.profiles } : {}),
    ...(values.json ? { json: values.json } : {}),
  };
}

function parse(args: string[]) {
  const text = { type: "string" } as const;
  try {
    const options = {
      ...{ scenario: text, clients: text, seconds: text, "warm-up-s": text, "think-ms": text },
      ...{ seed: text, profiles: text, json: text },
    };
    return parseArgs({ args, options }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/** Throws UsageError naming those there are. */
export function knownScenario(name: string): Scenario {
  const known = scenarios.find((scenario) => scenario === name);
  if (!known) throw new UsageError(`There is no scenario "${name}". The scenarios are ${scenarios.join(", ")}.`);
  return known;
}
