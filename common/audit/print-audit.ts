import { parseArgs } from "node:util";
import { SQL } from "bun";
import type { Invariant } from "./invariant.ts";
import { runInvariants } from "./run-invariants.ts";

const defaults = { examples: "10", "timeout-ms": "600000" };

/**
 * A service's `audit.ts`: checks its database over a connection of its own and prints the report as JSON. Takes
 * `--examples N`, violations of each invariant to show, and `--timeout-ms N`, for all of them together.
 */
export async function printAudit(
  databaseUrl: string,
  invariants: Invariant[],
  args = Bun.argv.slice(2),
): Promise<void> {
  const text = { type: "string" } as const;
  const { values } = parseArgs({ args, options: { examples: text, "timeout-ms": text } });
  const asked = { ...defaults, ...values };
  const bounds = { maxExamples: Number(asked.examples), timeoutMs: Number(asked["timeout-ms"]) };
  const connection = { application_name: "orderflow audit", idle_in_transaction_session_timeout: "60s" };
  const sql = new SQL({ url: databaseUrl, max: 1, connectionTimeout: 10, connection });
  try {
    process.stdout.write(`${JSON.stringify(await runInvariants(sql, invariants, bounds))}\n`);
  } finally {
    await sql.close({ timeout: 0 });
  }
}
