import { heapStats } from "bun:jsc";
import { afterAll, beforeAll, expect, test } from "bun:test";
import { createTestDatabase, type TestDatabase } from "@orderflow/tools/testing/test-database";
import { openLockConnection } from "./lock-connection.ts";

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase({ service: "none" });
});
afterAll(() => database.drop());

function promisesKept(): number {
  Bun.gc(true);
  return heapStats().objectTypeCounts.Promise ?? 0;
}

test("a connection that is asked for ever keeps nothing of what it has answered", async () => {
  const connection = openLockConnection({ databaseUrl: database.url, instance: "test", onEnd: () => undefined });
  const askOften = async (times: number) => {
    for (let n = 0; n < times; n++) {
      await connection.ask(n % 2 === 0 ? [] : ["a"]);
      await connection.unlock("b");
    }
  };
  await askOften(100);
  const before = promisesKept();
  await askOften(1_000);
  expect(promisesKept() - before).toBeLessThan(200);
  await connection.end(new Error("the test is over"));
});

test("what is under way when a connection ends rejects, and so does all that is asked of it later", async () => {
  const connection = openLockConnection({ databaseUrl: database.url, instance: "test", onEnd: () => undefined });
  await connection.ask(["a"]);
  const asked = connection.ask([]);
  const ended = connection.end(new Error("the test is over"));
  await expect(asked).rejects.toThrow("the test is over");
  await ended;
  await expect(connection.unlock("a")).rejects.toThrow("the test is over");
  await expect(connection.ask(["a"])).rejects.toThrow("the test is over");
});
