import { SQL } from "bun";
import { type ServiceName, serviceNames } from "../embedded/service-names.ts";

export function databaseName(service: ServiceName): string {
  return `orderflow_${service}`;
}

/** The address of a service's database with the service's own role. */
export function serviceDatabaseUrl(adminUrl: string, service: ServiceName, password: string): string {
  const url = new URL(adminUrl);
  url.username = service;
  url.password = password;
  url.pathname = `/${databaseName(service)}`;
  return url.href;
}

/**
 * Makes a database and a role for each service, or brings the roles' passwords up to date. Each role owns its
 * database and can connect to no other. `except` have a database elsewhere. Returns whose database is new.
 */
export async function ensureServiceDatabases(
  adminUrl: string,
  passwords: Record<string, string>,
  except: ServiceName[] = [],
): Promise<ServiceName[]> {
  const wanted = serviceNames.filter((service) => !except.includes(service));
  if (wanted.length === 0) return [];
  const made: ServiceName[] = [];
  const sql = new SQL(adminUrl, { max: 1, connectionTimeout: 10 });
  try {
    const roles = names(await sql`select rolname as name from pg_roles`);
    const databases = names(await sql`select datname as name from pg_database`);
    for (const service of wanted) {
      const verb = roles.has(service) ? "alter" : "create";
      await sql.unsafe(
        `${verb} role "${service}" login nosuperuser nocreatedb nocreaterole password ${quoted(passwords[service])}`,
      );
      if (databases.has(databaseName(service))) continue;
      await sql.unsafe(`create database "${databaseName(service)}" owner "${service}" template template0`);
      await sql.unsafe(`revoke all on database "${databaseName(service)}" from public`);
      made.push(service);
    }
    if (made.length > 0) await closeMaintenanceDatabases(sql);
    return made;
  } finally {
    await sql.close();
  }
}

/** `public` may connect to these by default, and so would the services. */
async function closeMaintenanceDatabases(sql: SQL): Promise<void> {
  for (const name of ["postgres", "template1"]) await sql.unsafe(`revoke connect on database "${name}" from public`);
}

function names(rows: { name: string }[]): Set<string> {
  return new Set(rows.map((row) => row.name));
}

function quoted(password: string | undefined): string {
  if (!password) throw new Error("A database role needs a password");
  return `'${password.replaceAll("'", "''")}'`;
}
