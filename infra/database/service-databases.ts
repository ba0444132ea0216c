import { SQL } from "bun";
import { type ServiceName, serviceNames } from "../service-names.ts";
import { holdToReading, showTables } from "./reader-roles.ts";

export function databaseName(service: ServiceName): string {
  return `orderflow_${service}`;
}

/** The role that makes and changes a service's tables, where that is another than the service's own. */
export function ownerRole(service: ServiceName): string {
  return `${service}_owner`;
}

/** The role that may read a service's tables and nothing else: for audits. */
export function readerRole(service: ServiceName): string {
  return `${service}_reader`;
}

/** The address of a service's database with the service's own role. */
export function serviceDatabaseUrl(adminUrl: string, service: ServiceName, password: string): string {
  return databaseUrl(adminUrl, service, { role: service, password });
}

/** The same with the role that owns it. */
export function ownerDatabaseUrl(adminUrl: string, service: ServiceName, password: string): string {
  return databaseUrl(adminUrl, service, { role: ownerRole(service), password });
}

/** The same with the role that reads it. */
export function readerDatabaseUrl(adminUrl: string, service: ServiceName, password: string): string {
  return databaseUrl(adminUrl, service, { role: readerRole(service), password });
}

function databaseUrl(adminUrl: string, service: ServiceName, by?: { role: string; password: string }): string {
  const url = new URL(adminUrl);
  if (by) Object.assign(url, { username: by.role, password: by.password });
  url.pathname = `/${databaseName(service)}`;
  return url.href;
}

type Options = {
  /** Of the services' roles, by service. */
  passwords: Record<string, string>;
  /** Of the owners' roles, by service. Without it each service owns its database and may change its tables. */
  ownerPasswords?: Record<string, string>;
  /** Of the readers' roles, by service; who is not named has none. Only where owners own. */
  readerPasswords?: Record<string, string>;
  /** These have a database elsewhere. */
  except?: ServiceName[];
};

/** One number for all who prepare a server of ours: many may do it at once. */
const preparationLock = 7_304_199_352;

/**
 * Makes a database and a role for each service, or brings the roles' passwords up to date; `adminUrl` is a role that
 * may make both. A role can connect to its own database and to no other. Returns whose database is new.
 */
export async function ensureServiceDatabases(adminUrl: string, options: Options): Promise<ServiceName[]> {
  const wanted = serviceNames.filter((service) => !options.except?.includes(service));
  if (wanted.length === 0) return [];
  const made: ServiceName[] = [];
  const sql = new SQL(adminUrl, { max: 1, connectionTimeout: 10 });
  try {
    await sql`select pg_advisory_lock(${preparationLock})`;
    for (const service of wanted) {
      await ensureRoles(sql, service, options);
      if (await ensureDatabase(sql, service, options)) made.push(service);
      if (options.ownerPasswords) await shareTables(adminUrl, service, options);
    }
    if (made.length > 0) await closeMaintenanceDatabases(sql);
    return made;
  } finally {
    await sql.close();
  }
}

/** A migration may take its time, so only a service that leaves them to an owner is held to limits. */
async function ensureRoles(sql: SQL, service: ServiceName, options: Options): Promise<void> {
  const { passwords, ownerPasswords, readerPasswords } = options;
  await ensureRole(sql, service, passwords[service]);
  if (!ownerPasswords) return;
  await ensureRole(sql, ownerRole(service), ownerPasswords[service]);
  await sql.unsafe(`alter role "${service}" connection limit ${maxConnections}`);
  await sql.unsafe(`alter role "${service}" set statement_timeout = '8s'`);
  await sql.unsafe(`alter role "${service}" set idle_in_transaction_session_timeout = '2s'`);
  await sql.unsafe(`alter role "${ownerRole(service)}" set idle_in_transaction_session_timeout = '60s'`);
  if (!readerPasswords?.[service]) return;
  await ensureRole(sql, readerRole(service), readerPasswords[service]);
  await holdToReading(sql, readerRole(service));
}

/** Of one service: six instances with all that each may open. */
const maxConnections = 100;

async function ensureRole(sql: SQL, role: string, password: string | undefined): Promise<void> {
  const found = await sql`select 1 from pg_roles where rolname = ${role}`;
  const verb = found.length > 0 ? "alter" : "create";
  await sql.unsafe(`${verb} role "${role}" login nosuperuser nocreatedb nocreaterole password ${quoted(password)}`);
}

async function ensureDatabase(sql: SQL, service: ServiceName, options: Options): Promise<boolean> {
  const name = databaseName(service);
  const { ownerPasswords, readerPasswords } = options;
  const owner = ownerPasswords ? ownerRole(service) : service;
  const found = await sql`select 1 from pg_database where datname = ${name}`;
  if (found.length === 0) {
    await sql.unsafe(`create database "${name}" owner "${owner}" template template0`);
  }
  await sql.unsafe(`revoke all on database "${name}" from public`);
  if (ownerPasswords) await sql.unsafe(`grant connect on database "${name}" to "${service}"`);
  if (ownerPasswords && readerPasswords?.[service])
    await sql.unsafe(`grant connect on database "${name}" to "${readerRole(service)}"`);
  return found.length === 0;
}

/** What the owner makes from now on, in whatever schema, the service may read and write, and not change. */
async function shareTables(adminUrl: string, service: ServiceName, { readerPasswords }: Options): Promise<void> {
  const sql = new SQL(databaseUrl(adminUrl, service), { max: 1, connectionTimeout: 10 });
  const grant = `alter default privileges for role "${ownerRole(service)}" grant`;
  try {
    await sql.unsafe(`${grant} usage on schemas to "${service}"`);
    await sql.unsafe(`${grant} select, insert, update, delete on tables to "${service}"`);
    await sql.unsafe(`${grant} usage, select on sequences to "${service}"`);
    if (readerPasswords?.[service]) await showTables(sql, { owner: ownerRole(service), reader: readerRole(service) });
  } finally {
    await sql.close();
  }
}

/** `public` may connect to these by default, and so would the services. */
async function closeMaintenanceDatabases(sql: SQL): Promise<void> {
  for (const name of ["postgres", "template1"]) await sql.unsafe(`revoke connect on database "${name}" from public`);
}

function quoted(password: string | undefined): string {
  if (!password) throw new Error("A database role needs a password");
  return `'${password.replaceAll("'", "''")}'`;
}
