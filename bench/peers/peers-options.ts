import { readOptions, wholeNumber } from "@orderflow/tools/install/read-options";
import { UsageError } from "@orderflow/tools/install/usage-error";

export const shopNames = ["orderflow", "medusa", "vendure"] as const;
export type ShopName = (typeof shopNames)[number];

export type PeersOptions = {
  shops: ShopName[];
  clients: number[];
  seconds: number;
  warmUpSeconds: number;
  servers: number;
  seed: number;
  folder: string;
  json?: string;
};

export const peersHelp = `Usage: bun bench/peers.ts [options]

What other shops take on the same machine: starts one after another, each on an empty PostgreSQL of the same kind and settings,
lets the same clients place orders of two lines over 1,000 products, and then eight of them buy 100 units of another at
once. The others are installed from npm when they are first asked for (some 1.5 GB; needs Node and npm, and for medusa
redis-server). Linux only: CPU is read from /proc. Exits with 0 when orderflow sold exactly what there was.

  --shops NAME,…   ${shopNames.join(", ")} (default: all)
  --clients N,…    that place at once, 1 to 128 (default 1,32)
  --seconds N      measured for each number of clients, 5 to 600 (default 60)
  --warm-up-s N    before each, not measured, 0 to 300 (default 60): more than one order takes, which may be half a minute
  --servers N      processes that answer requests in medusa and vendure, 1 to 4 (default 1)
  --seed S         the same seed draws the same orders (default 1)
  --folder FOLDER  where the others are installed, and log (default .orderflow/peers)
  --json FILE      writes what was measured as JSON
  --help           this text`;

/** Throws UsageError naming what is wrong. */
export function parsePeersOptions(args: string[]): PeersOptions {
  const text = { type: "string" } as const;
  const sizes = { clients: text, seconds: text, "warm-up-s": text, servers: text };
  const values = readOptions(args, { ...sizes, shops: text, seed: text, folder: text, json: text });
  return {
    shops: (values.shops ?? shopNames.join(",")).split(",").map(knownShop),
    clients: (values.clients ?? "1,32")
      .split(",")
      .map((clients) => wholeNumber("--clients", clients, { min: 1, max: 128 })),
    seconds: wholeNumber("--seconds", values.seconds ?? "60", { min: 5, max: 600 }),
    warmUpSeconds: wholeNumber("--warm-up-s", values["warm-up-s"] ?? "60", { min: 0, max: 300 }),
    servers: wholeNumber("--servers", values.servers ?? "1", { min: 1, max: 4 }),
    seed: wholeNumber("--seed", values.seed ?? "1", { min: 0, max: 2 ** 31 }),
    folder: values.folder ?? ".orderflow/peers",
    ...(values.json ? { json: values.json } : {}),
  };
}

function knownShop(name: string): ShopName {
  const known = shopNames.find((each) => each === name);
  if (!known) throw new UsageError(`There is no shop "${name}". The shops are ${shopNames.join(", ")}.`);
  return known;
}
