import { SQL } from "bun";

/** One connection as superuser. The caller closes it. */
export function adminConnection(): SQL {
  return new SQL(testDatabaseUrl(), { max: 1, connectionTimeout: 5 });
}

/** The address of another database on the server that the tests use. */
export function databaseUrl(database: string): string {
  const url = new URL(testDatabaseUrl());
  url.pathname = `/${database}`;
  return url.href;
}

function testDatabaseUrl(): string {
  const url = process.env.TEST_DATABASE_URL;
  if (!url)
    throw new Error("TEST_DATABASE_URL is not set: run the tests with `bun test` in the root or in a service's folder");
  return url;
}
