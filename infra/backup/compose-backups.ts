import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type ServiceName, serviceNames } from "../service-names.ts";
import { UsageError } from "../usage-error.ts";
import { backupOrder } from "./backup-order.ts";
import { requireFree, restoreDatabase } from "./restore-database.ts";
import { readWholeBackup } from "./whole-backup.ts";
import { writeBackup } from "./write-backup.ts";

type Place = {
  /** Holds a folder for each backup. */
  backups: string;
  /** Holds the address of each service's database, as its owner: `order-url` and its like. */
  owners: string;
  log: (line: string) => void;
};

/** Copies all databases into a folder of their own among the backups, named as told, or after this moment. */
export async function backUpAmong({ backups, owners, log }: Place, args: string[]): Promise<void> {
  const { positionals } = parsed(() => parseArgs({ args, allowPositionals: true }));
  if (positionals.length > 1) throw new UsageError("Name one backup, or none: it is named after this moment then.");
  const name = nameOf(positionals[0] ?? new Date().toISOString().replaceAll(":", "-"));
  const bytes = await writeBackup({ urls: ownersUrls(owners), folder: join(backups, name), log });
  log(`The backup ${name} is finished: ${(bytes / 1e6).toFixed(1)} MB.`);
}

/** Brings one of the backups into databases that nobody uses; `--force` replaces what is in them. */
export async function restoreFromAmong({ backups, owners, log }: Place, args: string[]): Promise<void> {
  const options = { force: { type: "boolean" } } as const;
  const { values, positionals } = parsed(() => parseArgs({ args, options, allowPositionals: true }));
  const [name] = positionals;
  if (!name || positionals.length > 1) {
    const kept = readdirSync(backups).sort();
    throw new UsageError(
      `Name the backup to restore. ${kept.length > 0 ? `There are ${kept.join(", ")}` : "There is none"}.`,
    );
  }
  const folder = join(backups, nameOf(name));
  const { services, takenAt } = await readWholeBackup(folder);
  const urls = ownersUrls(owners);
  const targets = backupOrder.map((service) => ({ service, url: urls[service], folder, copy: services[service] }));
  for (const target of targets) await requireFree(target, values.force === true);
  for (const target of targets) {
    await restoreDatabase(target);
    log(`${target.service}: restored`);
  }
  log(`Restored as of ${takenAt}. Start the services: listeners catch up by themselves.`);
}

/** A folder right among the backups, and no way out of there. */
function nameOf(given: string): string {
  if (/^[A-Za-z0-9_][\w.-]{0,99}$/.test(given)) return given;
  throw new UsageError("The name of a backup has 1 to 100 letters, digits, dots, hyphens and underscores.");
}

function ownersUrls(folder: string): Record<ServiceName, string> {
  const urls = serviceNames.map((service) => [service, readFileSync(join(folder, `${service}-url`), "utf8")]);
  return Object.fromEntries(urls) as Record<ServiceName, string>;
}

function parsed<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
