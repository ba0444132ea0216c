import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createServiceKeys, type ServiceKeys } from "@orderflow/common/auth/key-pair";
import type { Environment } from "@orderflow/common/config/read-config";
import { type AuditedService, auditedServices } from "../audit/parts-sql.ts";
import { brokerUserNames, brokerUsers } from "../broker/broker-users.ts";
import { accessRules, passwordFile } from "../broker/mosquitto-files.ts";
import { ownerDatabaseUrl, readerDatabaseUrl, serviceDatabaseUrl } from "../database/service-databases.ts";
import { type ServiceName, serviceNames } from "../service-names.ts";
import { createSecretStore, type SecretStore } from "./secret-store.ts";

/**
 * Writes every secret that compose.yaml uses, each into the folder of the container that needs it. What the
 * environment gives comes first, what was made before is kept, and the rest is made at random.
 */
export async function writeComposeSecrets(folder: string, environment: Environment): Promise<void> {
  const store = createSecretStore(folder, environment);
  const brokerPasswords = Object.fromEntries(
    brokerUserNames.map((name) => [name, store.keep(`kept/${name}-mqtt-password`, `${upper(name)}_MQTT_PASSWORD`)]),
  );
  const mqttAddress = environment.MQTT_ADDRESS || "mqtt://mosquitto:1883";
  writeBrokerFiles(store, folder, brokerPasswords);
  const keys = await serviceKeys(store, folder);
  for (const service of serviceNames) {
    store.write(`${service}/mqtt-url`, withUser(mqttAddress, service, brokerPasswords[service] ?? ""));
    store.write(`${service}/private-key`, keys.privateKeys[service] ?? "");
    store.write(`${service}/public-keys`, keys.publicKeys);
  }
  store.keep("gateway/auth-secret", "AUTH_SECRET");
  writeDatabaseSecrets(store, environment);
  for (const account of ["customer", "operator"]) {
    store.keep(`demo/${account}-password`, `DEMO_${upper(account)}_PASSWORD`);
  }
}

/** The superuser's address and the owners' go to the jobs alone; a service gets its own role's, and operators' commands some. */
function writeDatabaseSecrets(store: SecretStore, environment: Environment): void {
  const admin = new URL(environment.POSTGRES_ADDRESS || "postgres://postgres@postgres:5432/postgres");
  admin.password = store.keep("postgres/password", "POSTGRES_PASSWORD");
  store.write("databases/admin-url", admin.href);
  for (const service of serviceNames) {
    const password = store.keep(`databases/${service}-password`, `${upper(service)}_DATABASE_PASSWORD`);
    const own = serviceDatabaseUrl(admin.href, service, password);
    store.write(`${service}/database-url`, own);
    const ownerPassword = store.keep(`databases/${service}-owner-password`, `${upper(service)}_OWNER_PASSWORD`);
    store.write(`owners/${service}-url`, ownerDatabaseUrl(admin.href, service, ownerPassword));
    if (!isAudited(service)) continue;
    const readerPassword = store.keep(`databases/${service}-reader-password`, `${upper(service)}_READER_PASSWORD`);
    store.write(`audit/${service}-url`, readerDatabaseUrl(admin.href, service, readerPassword));
    store.write(`operator/${service}-url`, own);
  }
}

/** Salted anew each time, so they are written only when a user, a right or a password has changed. */
function writeBrokerFiles(store: SecretStore, folder: string, passwords: Record<string, string>): void {
  const users = brokerUsers(passwords);
  const rules = accessRules(users);
  const source = Bun.SHA256.hash(JSON.stringify(users), "hex");
  const mark = join(folder, "kept/broker-files");
  if (existsSync(mark) && readFileSync(mark, "utf8") === source) return;
  store.write("broker/passwords", passwordFile(users));
  store.write("broker/access-rules", rules);
  store.write("kept/broker-files", source);
}

/** One set, since the public keys of all must fit: SERVICE_KEYS, as `createServiceKeys` makes it. */
async function serviceKeys(store: SecretStore, folder: string): Promise<ServiceKeys> {
  const made = existsSync(join(folder, "kept/service-keys")) ? undefined : await createServiceKeys([...serviceNames]);
  return JSON.parse(store.keep("kept/service-keys", "SERVICE_KEYS", () => JSON.stringify(made))) as ServiceKeys;
}

function isAudited(service: ServiceName): service is AuditedService {
  return auditedServices.some((name) => name === service);
}

function withUser(address: string, user: ServiceName, password: string): string {
  return address.replace("://", `://${user}:${encodeURIComponent(password)}@`);
}

function upper(name: string): string {
  return name.toUpperCase();
}
