import type { BrokerKind } from "../embedded/broker.ts";
import { fraction, readOptions, wholeNumber } from "../install/read-options.ts";
import { UsageError } from "../install/usage-error.ts";

export const chaosCases = ["commit-cut", "outages"] as const;
export type ChaosCase = (typeof chaosCases)[number];
const outageParts = ["broker", "postgres"] as const;
export type OutagePart = (typeof outageParts)[number];

export type ChaosOptions = {
  orders: number;
  seed: number;
  minutes: number;
  instances: number;
  broker?: BrokerKind;
  case?: ChaosCase;
  /** Of the case `commit-cut`. */
  cuts: number;
  /** Of the case `outages`, each. */
  outageS: number;
  /** Of the case `outages`, what is away, one after the other. */
  outageParts: OutagePart[];
  /** Of the case `outages`, orders a second. */
  outageRate: number;
  /** Of the case `outages`: connections are taken and nothing is answered, rather than refused. */
  isSilent: boolean;
  quietMinutes: number;
  usesFaultPoints: boolean;
  keepsState: boolean;
  json?: string;
};

export const chaosHelp = `Usage: bun run chaos [options]

Starts a system of its own, lets clients place, cancel, adjust and read while it is broken on purpose, waits until it is
at rest, and says what was lost, doubled or oversold. Exits with 0 only when nothing was and the audit is clean.

  --orders N          orders to place (default 2000)
  --seed S            the same seed is the same schedule of faults and the same orders (default 1)
  --minutes M         over which the orders are spread (default: 1 for each 5,000 orders, at least 1)
  --instances N       of each service but the gateway, 1 to 4 (default 2)
  --broker KIND       mosquitto or aedes (default: mosquitto where it is installed)
  --no-fault-points   without the faults inside the services' plumbing
  --quiet-minutes M   how long to wait for rest at the end (default 8)
  --json FILE         writes the table as JSON
  --keep              leaves the state folder, with its witness and its log
  --help              this text

  --case commit-cut   instead: cuts order's connection to PostgreSQL at COMMIT, --cuts times (default 1000)
  --case outages      instead: the broker, then PostgreSQL, is away for --outage-s seconds (default 20), or --outage-of
                      one of them alone, while --outage-rate orders a second are asked once each (1 to 200, default 5);
                      with --silent it takes connections and answers nothing, and those stay dead and open ever after

The clock is not stepped: that needs rights that a command should not have.`;

const text = { type: "string" } as const;
const flag = { type: "boolean" } as const;
const options = {
  ...{ orders: text, seed: text, minutes: text, instances: text, broker: text, json: text, case: text },
  ...{ cuts: text, "outage-s": text, "outage-of": text, "outage-rate": text },
  ...{ "quiet-minutes": text, "no-fault-points": flag, silent: flag, keep: flag },
};

/** Throws UsageError naming what is wrong. */
export function parseChaosOptions(args: string[]): ChaosOptions {
  const values = readOptions(args, options);
  const { broker } = values;
  if (broker !== undefined && broker !== "mosquitto" && broker !== "aedes")
    throw new UsageError(`--broker is mosquitto or aedes, not "${broker}"`);
  const { "outage-of": outageOf } = values;
  if (outageOf !== undefined && !outageParts.some((part) => part === outageOf))
    throw new UsageError(`--outage-of is ${outageParts.join(" or ")}, not "${outageOf}"`);
  const wanted = chaosCases.find((name) => name === values.case);
  if (values.case !== undefined && !wanted) throw new UsageError(`--case is ${chaosCases.join(" or ")}`);
  const orders = wholeNumber("--orders", values.orders ?? "2000", { min: 1, max: 200_000 });
  return {
    orders,
    seed: wholeNumber("--seed", values.seed ?? "1", { min: 0, max: 2 ** 31 }),
    minutes: fraction("--minutes", values.minutes ?? String(Math.max(1, orders / 5_000)), { min: 0.2, max: 1_440 }),
    instances: wholeNumber("--instances", values.instances ?? "2", { min: 1, max: 4 }),
    cuts: wholeNumber("--cuts", values.cuts ?? "1000", { min: 1, max: 100_000 }),
    outageS: wholeNumber("--outage-s", values["outage-s"] ?? "20", { min: 1, max: 3_600 }),
    outageParts: outageParts.filter((part) => part === (outageOf ?? part)),
    outageRate: wholeNumber("--outage-rate", values["outage-rate"] ?? "5", { min: 1, max: 200 }),
    isSilent: values.silent ?? false,
    quietMinutes: fraction("--quiet-minutes", values["quiet-minutes"] ?? "8", { min: 0.5, max: 120 }),
    usesFaultPoints: !values["no-fault-points"],
    keepsState: values.keep ?? false,
    ...(broker ? { broker } : {}),
    ...(wanted ? { case: wanted } : {}),
    ...(values.json ? { json: values.json } : {}),
  };
}
