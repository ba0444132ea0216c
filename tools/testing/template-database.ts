import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import type { SQL } from "bun";
import { repositoryRoot } from "../embedded/repository-root.ts";
import type { ServiceName } from "../embedded/service-names.ts";
import { adminConnection, databaseUrl } from "./admin-connection.ts";
import { connectionsLeft } from "./connections-left.ts";

/** `jobs` has the tables of the job queue alone. */
export type TemplateSource = { service: ServiceName | "none" | "jobs" } | { migrations: string; hasJobs?: boolean };

type Migrations = { label: string; folder?: string; hasJobs: boolean };

/** What the tables of jobs come from: the version of their library, and what is added to them. */
const jobSources = ["common/package.json", "common/database/migrate-database.ts"];

const ready = new Map<string, Promise<string>>();

/** The name of a database with these migrations applied, made once per content of their folder. */
export async function templateDatabase(source: TemplateSource): Promise<string> {
  if ("service" in source && source.service === "none") return "template0";
  const migrations = "service" in source ? serviceMigrations(source.service) : customMigrations(source);
  const name = `template_${migrations.label}_${await contentHash(migrations)}`;
  const known = ready.get(name) ?? makeTemplate(name, migrations);
  ready.set(name, known);
  return known;
}

function serviceMigrations(service: string): Migrations {
  if (service === "jobs") return { label: service, hasJobs: true };
  return {
    label: service,
    folder: join(repositoryRoot, service, "repositories/migrations"),
    hasJobs: service === "notify" || service === "worker",
  };
}

function customMigrations(source: { migrations: string; hasJobs?: boolean }): Migrations {
  const label = basename(source.migrations).replace(/\W/g, "_").slice(0, 20);
  return { label, folder: source.migrations, hasJobs: source.hasJobs ?? false };
}

async function contentHash({ folder, hasJobs }: Migrations): Promise<string> {
  if (folder && !existsSync(folder)) throw new Error(`There are no migrations in ${folder}`);
  const hasher = new Bun.CryptoHasher("sha256").update(`${folder} ${hasJobs}`);
  const files = folder ? [...new Bun.Glob("**/*").scanSync({ cwd: folder, absolute: true })].sort() : [];
  if (hasJobs) files.push(...jobSources.map((path) => join(repositoryRoot, path)));
  for (const file of files) hasher.update(`\n${file}\n`).update(await readFile(file));
  return hasher.digest("hex").slice(0, 12);
}

/** Two test runs may come at the same moment: the advisory lock lets one of them do the work. */
async function makeTemplate(name: string, migrations: Migrations): Promise<string> {
  const admin = adminConnection();
  try {
    await admin`select pg_advisory_lock(hashtext(${name}))`;
    const found = await admin`select 1 from pg_database where datname = ${name}`;
    if (found.length === 0) await buildTemplate(admin, name, migrations);
    return name;
  } finally {
    await admin.close();
  }
}

/** Built under another name and renamed when whole, so that a killed run leaves no half-made template. */
async function buildTemplate(admin: SQL, name: string, migrations: Migrations): Promise<void> {
  const { migrateDatabase } = await import("@orderflow/common/database/migrate-database");
  const unfinished = `${name}_unfinished`;
  await admin.unsafe(`drop database if exists "${unfinished}" with (force)`);
  await admin.unsafe(`create database "${unfinished}" template template0`);
  const { folder = "none", hasJobs } = migrations;
  await migrateDatabase({ url: databaseUrl(unfinished), folder, hasJobs });
  await admin.unsafe(`alter database "${unfinished}" with allow_connections false`);
  // Those of the migration are on their way out. One that is ended meanwhile throws where nobody catches it.
  await connectionsLeft(admin, unfinished);
  await admin`select pg_terminate_backend(pid) from pg_stat_activity where datname = ${unfinished}`;
  await admin.unsafe(`alter database "${unfinished}" rename to "${name}"`);
}
