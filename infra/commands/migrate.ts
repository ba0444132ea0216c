import { readFileSync } from "node:fs";
import { join } from "node:path";
import { shareJobTables } from "../database/share-job-tables.ts";
import { isServiceName, type ServiceName, serviceNames } from "../service-names.ts";

const root = join(import.meta.dir, "../..");
const folder = process.env.OWNER_SECRETS_FOLDER ?? "/run/secrets/owners";

/** As the owner of the service's tables. Many may do it at once: one migrates, the rest find nothing to do. */
async function migrate(service: ServiceName): Promise<void> {
  const url = readFileSync(join(folder, `${service}-url`), "utf8");
  const child = Bun.spawn([process.execPath, join(service, "migrate.ts")], {
    cwd: root,
    env: { ...process.env, [`${service.toUpperCase()}_DATABASE_URL`]: url },
    stdio: ["ignore", "inherit", "inherit"],
  });
  const exitCode = await child.exited;
  if (exitCode !== 0) throw new Error(`The database of ${service} could not be migrated (exit code ${exitCode})`);
  await shareJobTables(url, service);
  console.log(`${service}: migrated`);
}

const named = process.argv.slice(2);
const unknown = named.filter((name) => !isServiceName(name));
if (unknown.length > 0)
  throw new Error(`There is no service ${unknown.join(", ")}: name any of ${serviceNames}, or none for all`);
for (const service of named.length > 0 ? named.filter(isServiceName) : serviceNames) await migrate(service);
