import { join } from "node:path";
import { ensureServiceDatabases, serviceDatabaseUrl } from "@orderflow/infra/database/service-databases";
import { preparePostgresCluster } from "../embedded/postgres-cluster.ts";
import { postgresUrl } from "../embedded/postgres-command.ts";
import { untilQueryable } from "../embedded/queryable.ts";
import { type ServiceName, serviceNames } from "../embedded/service-names.ts";
import { brokerPart, mailboxSpec, postgresSpec } from "./embedded-parts.ts";
import { writeEnvironmentFile } from "./environment-file.ts";
import { type ExternalParts, needsPostgres } from "./external-parts.ts";
import { type Instance, partPorts, serviceUrls } from "./instances.ts";
import { createPreparedData, runDataStep } from "./prepared-data.ts";
import type { ProcessSet } from "./process-set.ts";
import type { Secrets } from "./secrets.ts";
import { decidedEnvironment, type Surroundings, serviceEnvironment } from "./service-environment.ts";
import { serviceSpec } from "./service-spec.ts";
import type { UpLog } from "./up-log.ts";
import type { UpOptions } from "./up-options.ts";

export type BringUp = {
  options: UpOptions;
  stateFolder: string;
  secrets: Secrets;
  external: ExternalParts;
  instances: Instance[];
  processes: ProcessSet;
  log: UpLog;
};

/** Starts everything: first what keeps and carries data, then the data's shape, then the services. */
export async function bringUp(system: BringUp): Promise<void> {
  const [adminUrl, mqttUrl, smtpUrl] = await Promise.all([
    openPostgres(system),
    openBroker(system),
    openMailbox(system),
  ]);
  const surroundings = surroundingsOf(system, { adminUrl, mqttUrl, smtpUrl });
  const seeds = await prepareData(system, adminUrl, surroundings);
  for (const service of serviceNames) writeServiceEnvironment(system, service, surroundings);
  await Promise.all([
    seeds(),
    ...system.instances.map((instance) => system.processes.start(serviceSpec(instance, surroundings))),
  ]);
}

async function openPostgres({ options, stateFolder, external, processes, log }: BringUp): Promise<string> {
  if (!needsPostgres(external)) {
    processes.run.postgres = { pid: 0, url: external.adminUrl ?? "" };
    return external.adminUrl ?? "";
  }
  const cluster = await preparePostgresCluster(join(stateFolder, "postgres"));
  const port = partPorts(options.portBase).postgres;
  log.say(`PostgreSQL ${cluster.major} (${cluster.source}), data in ${cluster.dataFolder}`);
  await processes.start(postgresSpec(cluster, port));
  const url = postgresUrl(cluster, port);
  await untilQueryable(url, 30_000);
  return url;
}

async function openBroker(system: BringUp): Promise<(user: string) => string> {
  const { options, stateFolder, secrets, external, processes } = system;
  const { mqttUrl } = external;
  if (mqttUrl) {
    processes.run.broker = { kind: "external", pid: 0, url: mqttUrl };
    return () => mqttUrl;
  }
  const part = brokerPart({
    folder: join(stateFolder, "broker"),
    port: partPorts(options.portBase).broker,
    secrets,
    isPersistent: options.keepsBrokerDisk,
    ...(options.broker ? { kind: options.broker } : {}),
  });
  await processes.start(part.spec);
  return part.urlFor;
}

async function openMailbox({ options, external, processes }: BringUp): Promise<string> {
  if (external.smtpUrl) return external.smtpUrl;
  const ports = partPorts(options.portBase);
  await processes.start(mailboxSpec(ports));
  return `smtp://127.0.0.1:${ports.smtp}`;
}

type Addresses = { adminUrl: string; mqttUrl: (user: string) => string; smtpUrl: string };

function surroundingsOf(system: BringUp, addresses: Addresses): Surroundings {
  const { secrets, external, instances, options } = system;
  const { through } = options;
  const databaseUrl = (service: ServiceName) =>
    external.databaseUrls[service] ??
    serviceDatabaseUrl(atPort(addresses.adminUrl, through.postgres), service, secrets.databasePasswords[service] ?? "");
  return {
    secrets,
    databaseUrls: perService(databaseUrl),
    mqttUrl: (user) => atPort(addresses.mqttUrl(user), through.broker),
    smtpUrl: atPort(addresses.smtpUrl, through.smtp),
    serviceUrls: perService((service) => serviceUrls(service, instances, options.portBase)),
    callerEnv: process.env,
    extraEnv: options.extraEnv,
  };
}

/** The same address at another port, when one is given. */
function atPort(address: string, port: number | undefined): string {
  if (port === undefined) return address;
  const url = new URL(address);
  url.port = String(port);
  return url.href;
}

/** Databases and tables; returns the seeding, which may run while the services start. */
async function prepareData(
  system: BringUp,
  adminUrl: string,
  surroundings: Surroundings,
): Promise<() => Promise<void>> {
  const { external, secrets, stateFolder, log } = system;
  const envFor = (service: ServiceName) => ({
    ...serviceEnvironment({ service, port: 0 }, surroundings),
    DEMO_CUSTOMER_PASSWORD: secrets.demo.customer.password,
    DEMO_OPERATOR_PASSWORD: secrets.demo.operator.password,
  });
  const foreign = serviceNames.filter((service) => external.databaseUrls[service]);
  const made = await ensureServiceDatabases(adminUrl, { passwords: secrets.databasePasswords, except: foreign });
  // Only of databases that nobody else changes do we know what was done to them.
  const prepared = needsPostgres(external) ? createPreparedData(stateFolder) : undefined;
  for (const service of [...made, ...foreign]) prepared?.forget(service);
  const migrated = await runDataStep("migrate", envFor, prepared);
  if (migrated.length > 0) log.say(`migrated ${migrated.join(", ")}`);
  return async () => {
    const seeded = await runDataStep("seed", envFor, prepared);
    if (seeded.length > 0) log.say(`seeded ${seeded.join(", ")}`);
  };
}

function writeServiceEnvironment(system: BringUp, service: ServiceName, surroundings: Surroundings): void {
  const { options, stateFolder } = system;
  const port = options.portBase + serviceNames.indexOf(service);
  const environment = { ...decidedEnvironment({ service, port }, surroundings), ...options.extraEnv };
  writeEnvironmentFile(join(stateFolder, "env", `${service}.env`), environment);
}

function perService<T>(of: (service: ServiceName) => T): Record<ServiceName, T> {
  return Object.fromEntries(serviceNames.map((service) => [service, of(service)])) as Record<ServiceName, T>;
}
