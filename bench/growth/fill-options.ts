import { parseArgs } from "node:util";
import { wholeNumber } from "@orderflow/tools/install/read-options";
import { UsageError } from "@orderflow/tools/install/usage-error";

export type FillOptions = { state: string; orders: number; skus: number; days: number; logDays: number };

export const fillHelp = `Usage: bun bench/fill.ts --state FOLDER [options]

Makes a shop that has grown, in a state folder of its own: orders with all that the services hold of them, each come to
its end but for the newest hundredth, which waits for its dispatch. Start it with ORDERFLOW_STATE=FOLDER bun run up, or
measure it with bun bench/growth.ts. Refuses a folder whose databases hold orders already.

  --state FOLDER   where it is made; nothing may be running from it
  --orders N       100 to 5000000 (default 1000000)
  --skus N         100 to 1000000 (default 100000)
  --days N         over which the orders are spread, up to now, 1 to 30 (default 30)
  --log-days N     whose events are still in the logs, 1 to 30 (default 14)
  --help           this text`;

/** Throws UsageError naming what is wrong. */
export function parseFillOptions(args: string[]): FillOptions {
  const values = parse(args);
  if (!values.state) throw new UsageError("--state names the folder to make the shop in");
  return {
    state: values.state,
    orders: wholeNumber("--orders", values.orders ?? "1000000", { min: 100, max: 5_000_000 }),
    skus: wholeNumber("--skus", values.skus ?? "100000", { min: 100, max: 1_000_000 }),
    days: wholeNumber("--days", values.days ?? "30", { min: 1, max: 30 }),
    logDays: wholeNumber("--log-days", values["log-days"] ?? "14", { min: 1, max: 30 }),
  };
}

function parse(args: string[]) {
  const text = { type: "string" } as const;
  try {
    return parseArgs({ args, options: { state: text, orders: text, skus: text, days: text, "log-days": text } }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
