import type { Environment } from "@orderflow/common/config/read-config";
import { type DatabaseUrls, mapServices } from "../audit/snapshots.ts";
import { databaseName } from "../database/service-databases.ts";
import type { ServiceName } from "../service-names.ts";
import { UsageError } from "../usage-error.ts";
import { settingOf } from "./setting-of.ts";

/** The databases that are audited, as the environment names them. Throws UsageError when one is unknown. */
export function readDatabaseUrls(env: Environment): DatabaseUrls {
  return mapServices((service) => readServiceDatabaseUrl(service, env));
}

/** The same for one service: its own variable, else the one server that holds them all. */
export function readServiceDatabaseUrl(service: ServiceName, env: Environment): string {
  const variable = variableOf(service);
  const url = settingOf(variable, env) ?? onServer(settingOf("DATABASE_URL", env), service);
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
  url.pathname = `/${databaseName(service)}`;
  return url.href;
}
