import { expect, setDefaultTimeout, test } from "bun:test";
import { SQL } from "bun";
import { createTestDatabase } from "./test-database.ts";

setDefaultTimeout(20_000);

test("each test database is its own", async () => {
  const [first, second] = await Promise.all([
    createTestDatabase({ service: "none" }),
    createTestDatabase({ service: "none" }),
  ]);
  await first.sql`create table note (text text)`;
  const tables = await second.sql`select 1 from pg_tables where tablename = 'note'`;
  expect(tables).toHaveLength(0);
  await Promise.all([first.drop(), second.drop()]);
});

test("a connection left open fails the test that left it", async () => {
  const database = await createTestDatabase({ service: "none" });
  const forgotten = new SQL(`${database.url}?application_name=forgotten`, { max: 1 });
  await forgotten`select 1`;
  const outcome = await database.drop().then(
    () => "dropped",
    (error: Error) => error.message,
  );
  expect(outcome).toContain("1 connections were left open");
  await forgotten.close().catch(() => undefined);
});
