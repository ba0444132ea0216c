import { parseArgs } from "node:util";
import { backupOrder } from "@orderflow/infra/backup/backup-order";
import { writeBackup } from "@orderflow/infra/backup/write-backup";
import { readServiceDatabaseUrl } from "@orderflow/infra/operator/database-urls";
import type { ServiceName } from "../embedded/service-names.ts";
import { textTable } from "../format/text-table.ts";
import { UsageError } from "../install/usage-error.ts";
import { withRunningUp } from "../supervisor/with-running-up.ts";

/** Copies all databases as of one point into an empty folder. Returns the exit code. */
export async function runBackup(args: string[]): Promise<number> {
  const folder = parse(args);
  const env = withRunningUp(process.env);
  const urls = Object.fromEntries(backupOrder.map((service) => [service, readServiceDatabaseUrl(service, env)]));
  const beganAt = performance.now();
  const bytes = await writeBackup({ urls: urls as Record<ServiceName, string>, folder, log: console.log });
  const seconds = (performance.now() - beganAt) / 1_000;
  console.log(
    textTable([
      ["folder", "MB", "seconds"],
      [folder, (bytes / 1e6).toFixed(1), seconds.toFixed(1)],
    ]),
  );
  return 0;
}

function parse(args: string[]): string {
  try {
    const { to } = parseArgs({ args, options: { to: { type: "string" } } }).values;
    if (to) return to;
    throw new Error("--to is the folder to write to.");
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : error} (see --help)`);
  }
}
