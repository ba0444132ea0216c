import { join } from "node:path";
import { ensureServiceDatabases, serviceDatabaseUrl } from "@orderflow/infra/database/service-databases";
import { variableOf } from "@orderflow/infra/operator/database-urls";
import { stateFolder } from "../embedded/repository-root.ts";
import type { ServiceName } from "../embedded/service-names.ts";
import { UsageError } from "../install/usage-error.ts";
import { readEnvironmentFile } from "./environment-file.ts";
import { readExternalParts } from "./external-parts.ts";
import { type DataStep, runDataStep } from "./prepared-data.ts";
import { loadSecrets } from "./secrets.ts";

/** Migrates or seeds the databases of all services, whoever runs them. Returns the exit code. */
export async function runDataCommand(step: DataStep): Promise<number> {
  const { demo, databasePasswords } = await loadSecrets(stateFolder);
  const { adminUrl, databaseUrls } = readExternalParts(process.env);
  const except = Object.keys(databaseUrls) as ServiceName[];
  if (adminUrl) await ensureServiceDatabases(adminUrl, { passwords: databasePasswords, except });
  const urlOf = (service: ServiceName) =>
    databaseUrls[service] ??
    (adminUrl ? serviceDatabaseUrl(adminUrl, service, databasePasswords[service] ?? "") : urlOfUp(service));
  const done = await runDataStep(step, (service) => ({
    DEMO_CUSTOMER_PASSWORD: demo.customer.password,
    DEMO_OPERATOR_PASSWORD: demo.operator.password,
    ...withoutDatabases(process.env),
    [variableOf(service)]: urlOf(service),
  }));
  console.log(`${step === "migrate" ? "Migrated" : "Seeded"} ${done.join(", ")}.`);
  return 0;
}

function urlOfUp(service: ServiceName): string {
  const url = readEnvironmentFile(join(stateFolder, "env", `${service}.env`))?.[variableOf(service)];
  if (url) return url;
  throw new UsageError(
    `The database of ${service} is unknown. Start the system with \`bun run up\` first, or set ${variableOf(service)} or DATABASE_URL.`,
  );
}

/** What stays beside the one address that a service is given: as `NAME_FILE` it would be given twice. */
function withoutDatabases(env: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) =>
      value === undefined || /DATABASE_URL(?:_FILE)?$/.test(name) ? [] : [[name, value]],
    ),
  );
}
