import { mkdirSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { writePrivateFile } from "../private-file.ts";
import type { ServiceName } from "../service-names.ts";
import { UsageError } from "../usage-error.ts";
import { backupOrder } from "./backup-order.ts";
import { copyService } from "./copy-service.ts";
import { type Manifest, manifestName, type ServiceCopy } from "./manifest.ts";
import { withConsistentSnapshots } from "./open-snapshots.ts";

type Options = {
  /** Of each service's database, with a role that may read it. */
  urls: Record<ServiceName, string>;
  folder: string;
  log: (line: string) => void;
};

/**
 * Copies all databases as of one point into an empty folder, which is made where it is missing. Answers its bytes. Throws a
 * UsageError when the folder holds something, or the listeners cannot be held for a moment.
 */
export async function writeBackup({ urls, folder, log }: Options): Promise<number> {
  makeEmptyFolder(folder);
  const startedAt = new Date().toISOString();
  await withConsistentSnapshots(urls, async ({ connections, pausedMs }) => {
    const takenAt = new Date().toISOString();
    log(`The listeners were held for ${pausedMs.toFixed(0)} ms; orders were taken meanwhile.`);
    const services: Partial<Manifest["services"]> = {};
    for (const service of backupOrder) {
      services[service] = await copyService(connections[service], folder, service);
      log(`${service}: ${rowsOf(services[service])} rows`);
    }
    const manifest = { format: 1, startedAt, takenAt, services };
    // Last, so that a folder with a manifest is a backup that was finished.
    writePrivateFile(join(folder, manifestName), `${JSON.stringify(manifest, null, 2)}\n`);
  });
  return sizeOf(folder);
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
