import { mkdirSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { readServiceDatabaseUrl } from "../audit/database-urls.ts";
import type { ServiceName } from "../embedded/service-names.ts";
import { textTable } from "../format/text-table.ts";
import { UsageError } from "../install/usage-error.ts";
import { writePrivateFile } from "../supervisor/private-file.ts";
import { backupOrder } from "./backup-order.ts";
import { copyService } from "./copy-service.ts";
import { type Manifest, manifestName, type ServiceCopy } from "./manifest.ts";
import { withConsistentSnapshots } from "./open-snapshots.ts";

/** Copies all databases as of one point into an empty folder. Returns the exit code. */
export async function runBackup(args: string[], env = process.env): Promise<number> {
  const folder = parse(args);
  const urls = Object.fromEntries(backupOrder.map((service) => [service, readServiceDatabaseUrl(service, env)]));
  makeEmptyFolder(folder);
  const startedAt = new Date().toISOString();
  const beganAt = performance.now();
  await withConsistentSnapshots(urls as Record<ServiceName, string>, async ({ connections, pausedMs }) => {
    const takenAt = new Date().toISOString();
    console.log(`The listeners were held for ${pausedMs.toFixed(0)} ms; orders were taken meanwhile.`);
    const services: Partial<Manifest["services"]> = {};
    for (const service of backupOrder) {
      services[service] = await copyService(connections[service], folder, service);
      console.log(`${service}: ${rowsOf(services[service])} rows`);
    }
    const manifest = { format: 1, startedAt, takenAt, services };
    // Last, so that a folder with a manifest is a backup that was finished.
    writePrivateFile(join(folder, manifestName), `${JSON.stringify(manifest, null, 2)}\n`);
  });
  const bytes = sizeOf(folder);
  const seconds = (performance.now() - beganAt) / 1_000;
  console.log(
    textTable([
      ["folder", "MB", "seconds"],
      [folder, (bytes / 1e6).toFixed(1), seconds.toFixed(1)],
    ]),
  );
  return 0;
}

function rowsOf({ tables }: ServiceCopy): number {
  return tables.reduce((sum, { rows }) => sum + rows, 0);
}

function makeEmptyFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (readdirSync(folder).length > 0)
    throw new UsageError(`${folder} is not empty: a backup wants a folder of its own.`);
}

function sizeOf(folder: string): number {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
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
