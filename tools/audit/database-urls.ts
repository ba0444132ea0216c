import { join } from "node:path";
import { stateFolder } from "../embedded/repository-root.ts";
import type { ServiceName } from "../embedded/service-names.ts";
import { UsageError } from "../install/usage-error.ts";
import { readEnvironmentFile } from "../supervisor/environment-file.ts";
import { type DatabaseUrls, mapServices } from "./snapshots.ts";

/** What the environment names, else what the running `up` noted. Throws UsageError when neither knows a database. */
export function readDatabaseUrls(env: Record<string, string | undefined>): DatabaseUrls {
  return mapServices((service) => readServiceDatabaseUrl(service, env));
}

/** The same for one service. */
export function readServiceDatabaseUrl(service: ServiceName, env: Record<string, string | undefined>): string {
  const variable = variableOf(service);
  const url = env[variable] || onServer(env.DATABASE_URL, service) || ofUp(service)?.[variable];
  if (url) return url;
  throw new UsageError(
    `The database of ${service} is unknown. Start the system with \`bun run up\` first, or set ${variable} or DATABASE_URL.`,
  );
}

export function variableOf(service: ServiceName): string {
  return `${service.toUpperCase()}_DATABASE_URL`;
}

/** As `up` and `migrate` name them. */
function onServer(server: string | undefined, service: ServiceName): string | undefined {
  if (!server) return undefined;
  const url = new URL(server);
  url.pathname = `/orderflow_${service}`;
  return url.href;
}

function ofUp(service: ServiceName): Record<string, string> | undefined {
  return readEnvironmentFile(join(stateFolder, "env", `${service}.env`));
}
