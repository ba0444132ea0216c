import { afterAll, beforeAll, expect, test } from "bun:test";
import { createTables } from "@orderflow/tools/testing/create-tables";
import { createTestDatabase, type TestDatabase } from "@orderflow/tools/testing/test-database";
import { appendEvents } from "../messaging/append.ts";
import * as schema from "../messaging/schema.ts";
import { ensureStreams } from "../messaging/streams.ts";
import { consumerInvariants } from "./consumer-invariants.ts";
import { createAuditor } from "./create-auditor.ts";
import type { Invariant } from "./invariant.ts";
import { logInvariants } from "./log-invariants.ts";
import { runInvariants } from "./run-invariants.ts";
import { consumerDamage, logDamage } from "./testing/damage.ts";
import { findingsAfter, findingsNow } from "./testing/plant-damage.ts";

let database: TestDatabase;
const invariants = [...logInvariants, ...consumerInvariants];
const bounds = { maxExamples: 2, timeoutMs: 10_000 };

beforeAll(async () => {
  database = await createTestDatabase({ service: "none" });
  const { sql } = database;
  await createTables(sql, schema);
  await ensureStreams(sql, ["said", "silent"]);
  const facts = Array.from({ length: 5 }, (_, n) => ({ stream: "said", type: "said", key: `k${n}`, data: { n } }));
  await sql.begin((tx) => appendEvents(tx, facts));
});
afterAll(() => database.drop());

test("a log as it should be has no findings", async () => {
  expect(await findingsNow(database.sql, invariants)).toEqual({});
});

test.each([...logDamage("said"), ...consumerDamage])("names $breaks after: $by", async (damage) => {
  expect(Object.keys(await findingsAfter(database.sql, invariants, damage))).toContain(damage.breaks);
});

test("a log that was pruned from its low end is whole", async () => {
  const damage = { breaks: "nothing", by: ["delete from event where stream = 'said' and position < 3"] };
  expect(await findingsAfter(database.sql, logInvariants, damage)).toEqual({});
});

const law = (name: string, violations: string): Invariant => ({
  ...{ name, law: "", kind: "law" },
  ...{ checked: "select 1", violations },
});

test("examples are the first by id and bounded, violations are all", async () => {
  const many = law("many", "select n::text as id, 'is wrong' as problem from generate_series(1, 9) n");
  const { invariants: findings } = await runInvariants(database.sql, [many], bounds);
  expect(findings).toMatchObject([
    { checked: 1, violations: 9, examples: [{ id: "1", problem: "is wrong" }, { id: "2" }] },
  ]);
});

test("what cannot be checked, or not in time, is told, and the rest is checked all the same", async () => {
  const slow = law("slow", "select pg_sleep(9)::text as id, '' as problem");
  const unreadable = law("unreadable", "select (1 / 0)::text as id, '' as problem");
  const fine = law("fine", "select '' as id, '' as problem where false");
  const found = await runInvariants(database.sql, [unreadable, fine, slow], { ...bounds, timeoutMs: 500 });
  expect(found.invariants.map(({ failure }) => failure)).toEqual([
    expect.stringContaining("division by zero"),
    null,
    "there was no time for it",
  ]);
});

test("a check writes nothing", async () => {
  const writing = law("writing", "select nextval('counter')::text as id, '' as problem");
  await database.sql`create sequence counter`;
  const { invariants: findings } = await runInvariants(database.sql, [writing], bounds);
  expect(findings[0]?.failure).toContain("read-only transaction");
});

test("who asks while a check is under way gets its answer", async () => {
  const audit = createAuditor(database.sql, invariants);
  const [first, second] = await Promise.all([audit(), audit()]);
  expect(second).toBe(first);
  expect(await audit()).not.toBe(first);
});
