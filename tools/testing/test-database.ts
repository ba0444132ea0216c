import { SQL } from "bun";
import { adminConnection, databaseUrl } from "./admin-connection.ts";
import { connectionsLeft } from "./connections-left.ts";
import { dropStaleDatabases } from "./stale-databases.ts";
import { type TemplateSource, templateDatabase } from "./template-database.ts";

export type TestDatabase = { url: string; sql: SQL; drop(): Promise<void> };

let cleared: Promise<void> | undefined;

/**
 * A database of the test's own, with the service's tables (`service: "none"`: empty). `drop` ends it and fails when
 * somebody left a connection to it open.
 */
export async function createTestDatabase(source: TemplateSource): Promise<TestDatabase> {
  cleared ??= dropStaleDatabases();
  await cleared;
  const label = "service" in source ? source.service : "custom";
  const name = `test_${process.pid}_${crypto.randomUUID().slice(0, 8)}_${label}`;
  const template = await templateDatabase(source);
  const admin = adminConnection();
  try {
    // Page by page through the log, as is the default, costs several times as much.
    await admin.unsafe(`create database "${name}" template "${template}" strategy file_copy`);
  } finally {
    await admin.close();
  }
  const url = databaseUrl(name);
  const sql = new SQL(url, { max: 5, connectionTimeout: 5 });
  return { url, sql, drop: () => dropDatabase(name, sql) };
}

async function dropDatabase(name: string, sql: SQL): Promise<void> {
  await sql.close();
  const admin = adminConnection();
  try {
    const left = await connectionsLeft(admin, name);
    await admin.unsafe(`drop database if exists "${name}" with (force)`);
    if (left.length > 0) throw new Error(`${left.length} connections were left open: ${left.join("; ")}`);
  } finally {
    await admin.close();
  }
}
