import { readOptions, wholeNumber } from "@orderflow/tools/install/read-options";
import { UsageError } from "@orderflow/tools/install/usage-error";

export const overloadParts = ["surge", "slow-clients", "watchers", "catch-up"] as const;
export type OverloadPart = (typeof overloadParts)[number];

export type OverloadOptions = {
  parts: OverloadPart[];
  /** Of the surge. */
  seconds: number;
  /** As many times what the system takes. */
  times: number;
  /** Of each kind. */
  slowClients: number;
  watchers: number;
  events: number;
  json?: string;
};

export const overloadHelp = `Usage: bun run overload [options]

Asks too much of a fresh system of its own and says which of its promises hold. Exits with 0 only when all do. Linux only:
CPU and memory are read from /proc. Everything stays on this machine.

  --part NAME,…      ${overloadParts.join(", ")} (default: all)
                     surge: orders come at so many times the rate that the system takes, whatever becomes of them
                     slow-clients: connections that send nothing, or a byte of a head or a body now and then
                     watchers: subscriptions that nothing happens to; those for whom the gateway has no seat are refused
                     catch-up: notify was away, and reads what has happened
  --seconds N        of the surge, 5 to 300 (default 60)
  --times N          2 to 10 (default 4)
  --slow-clients N   of each of the three kinds, 10 to 3000 (default 1000)
  --watchers N       100 to 15000 (default 10000)
  --events N         to catch up, 10000 to 1000000 (default 100000)
  --json FILE        writes all figures as JSON
  --help             this text

Outages of minutes are bun run chaos --case outages.`;

const text = { type: "string" } as const;
const options = {
  ...{ part: text, seconds: text, times: text, "slow-clients": text },
  ...{ watchers: text, events: text, json: text },
};

/** Throws UsageError naming what is wrong. */
export function parseOverloadOptions(args: string[]): OverloadOptions {
  const values = readOptions(args, options);
  return {
    parts: (values.part ?? overloadParts.join(",")).split(",").map(knownPart),
    seconds: wholeNumber("--seconds", values.seconds ?? "60", { min: 5, max: 300 }),
    times: wholeNumber("--times", values.times ?? "4", { min: 2, max: 10 }),
    slowClients: wholeNumber("--slow-clients", values["slow-clients"] ?? "1000", { min: 10, max: 3_000 }),
    watchers: wholeNumber("--watchers", values.watchers ?? "10000", { min: 100, max: 15_000 }),
    events: wholeNumber("--events", values.events ?? "100000", { min: 10_000, max: 1_000_000 }),
    ...(values.json ? { json: values.json } : {}),
  };
}

function knownPart(name: string): OverloadPart {
  const known = overloadParts.find((part) => part === name);
  if (!known) throw new UsageError(`There is no part "${name}". The parts are ${overloadParts.join(", ")}.`);
  return known;
}
