import { expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { serviceNames } from "../embedded/service-names.ts";
import { UsageError } from "../install/usage-error.ts";
import { temporaryFolder } from "../testing/temporary-folder.ts";
import { createTestDatabase } from "../testing/test-database.ts";
import { needsPostgres, readExternalParts } from "./external-parts.ts";

function aFile(text: string): string {
  const file = join(temporaryFolder(), "secret");
  writeFileSync(file, text);
  return file;
}

test("what a file names is used instead of an embedded part, as what a variable names is", () => {
  const external = readExternalParts({
    DATABASE_URL_FILE: aFile("postgres://server\n"),
    ORDER_DATABASE_URL_FILE: aFile("postgres://order"),
    MQTT_URL_FILE: aFile("mqtt://broker"),
    SMTP_URL: "smtp://mails",
  });
  expect(external).toEqual({
    adminUrl: "postgres://server",
    databaseUrls: { order: "postgres://order" },
    mqttUrl: "mqtt://broker",
    smtpUrl: "smtp://mails",
  });
  expect(needsPostgres(external)).toBe(false);
});

test("a file that cannot be read, and an address given twice, stop the command: nothing else is taken for it", () => {
  const none = join(temporaryFolder(), "none");
  expect(() => readExternalParts({ DATABASE_URL_FILE: none })).toThrow(UsageError);
  const twice = { ORDER_DATABASE_URL: "postgres://order", ORDER_DATABASE_URL_FILE: aFile("postgres://other") };
  expect(() => readExternalParts(twice)).toThrow("ORDER_DATABASE_URL: given twice");
});

test("migrate makes the tables of the databases that files name", async () => {
  const databases = await Promise.all(serviceNames.map(() => createTestDatabase({ service: "none" })));
  try {
    const files = serviceNames.map((service, index) => [
      `${service.toUpperCase()}_DATABASE_URL_FILE`,
      aFile(databases[index]?.url ?? ""),
    ]);
    const child = Bun.spawn([process.execPath, join(import.meta.dir, "../commands/migrate.ts")], {
      env: { ...process.env, ORDERFLOW_STATE: temporaryFolder(), ...Object.fromEntries(files) },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const errors = await child.stderr.text();
    expect([await child.exited, errors]).toEqual([0, ""]);
    for (const { sql } of databases) {
      const [found] = await sql`select count(*)::int as tables from pg_tables where schemaname = 'public'`;
      expect(found.tables).toBeGreaterThan(3);
    }
  } finally {
    await Promise.all(databases.map((database) => database.drop()));
  }
}, 60_000);
