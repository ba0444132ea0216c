import { join } from "node:path";
import { parseArgs } from "node:util";
import { backupOrder } from "@orderflow/infra/backup/backup-order";
import type { Manifest } from "@orderflow/infra/backup/manifest";
import { requireFree, restoreDatabase } from "@orderflow/infra/backup/restore-database";
import { readWholeBackup } from "@orderflow/infra/backup/whole-backup";
import { ensureServiceDatabases, serviceDatabaseUrl } from "@orderflow/infra/database/service-databases";
import { startPostgres } from "../embedded/postgres.ts";
import { stateFolder } from "../embedded/repository-root.ts";
import { type ServiceName, serviceNames } from "../embedded/service-names.ts";
import { UsageError } from "../install/usage-error.ts";
import { claimState } from "../supervisor/claim-state.ts";
import { needsPostgres, readExternalParts } from "../supervisor/external-parts.ts";
import { createPreparedData, runDataStep } from "../supervisor/prepared-data.ts";
import { loadSecrets } from "../supervisor/secrets.ts";

type Options = { folder: string; isForced: boolean };

/** Brings a backup into databases that nobody uses. Returns the exit code. */
export async function runRestore(args: string[], env = process.env): Promise<number> {
  const options = parse(args);
  const manifest = await readWholeBackup(options.folder);
  // Whoever starts the system meanwhile would find half of it.
  const lock = await claimState(stateFolder);
  try {
    await withServer(env, (adminUrl) => restoreInto({ adminUrl, env }, manifest, options));
  } finally {
    lock.release();
  }
  console.log(`Restored as of ${manifest.takenAt}. Start the system: listeners catch up by themselves.`);
  return 0;
}

type Environment = Record<string, string | undefined>;
type Target = { adminUrl: string | undefined; env: Environment };

/** The server that the environment names, else the private one of `bun run up`, for as long as this takes. */
async function withServer(env: Environment, work: (adminUrl: string | undefined) => Promise<void>): Promise<void> {
  const external = readExternalParts(env);
  if (!needsPostgres(external)) return work(external.adminUrl);
  const postgres = await startPostgres({ folder: join(stateFolder, "postgres") });
  try {
    await work(postgres.url);
  } finally {
    await postgres.stop();
  }
}

async function restoreInto(
  { adminUrl, env }: Target,
  manifest: Manifest,
  { folder, isForced }: Options,
): Promise<void> {
  const { databasePasswords: passwords } = await loadSecrets(stateFolder);
  const { databaseUrls } = readExternalParts(env);
  const except = serviceNames.filter((service) => databaseUrls[service]);
  if (adminUrl) await ensureServiceDatabases(adminUrl, { passwords, except });
  const urlOf = (service: ServiceName): string =>
    databaseUrls[service] ?? serviceDatabaseUrl(adminUrl ?? "", service, passwords[service] ?? "");
  const targets = backupOrder.map((service) => ({
    service,
    url: urlOf(service),
    folder,
    copy: manifest.services[service],
  }));
  for (const target of targets) await requireFree(target, isForced);
  await runDataStep("migrate", (service) => ({
    PATH: env.PATH ?? "",
    HOME: env.HOME ?? "",
    [`${service.toUpperCase()}_DATABASE_URL`]: urlOf(service),
  }));
  // What `up` has noted of the data that was there says nothing about these.
  const prepared = createPreparedData(stateFolder);
  for (const target of targets) {
    prepared.forget(target.service);
    await restoreDatabase(target);
    console.log(`${target.service}: restored`);
  }
}

function parse(args: string[]): Options {
  try {
    const { from, force } = parseArgs({
      args,
      options: { from: { type: "string" }, force: { type: "boolean" } },
    }).values;
    if (from) return { folder: from, isForced: force === true };
    throw new Error("--from is the folder of a backup.");
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : error} (see --help)`);
  }
}
