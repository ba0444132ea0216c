import { afterAll, beforeAll, expect, test } from "bun:test";
import { createTestDatabase, type TestDatabase } from "@orderflow/tools/testing/test-database";
import { newId } from "../ids.ts";
import { rowSet } from "./row-set.ts";

const rows = rowSet({
  id: "uuid",
  name: "text",
  position: "smallint",
  count: "int",
  amountMinor: "bigint",
  isOpen: "boolean",
  at: "timestamptz",
  more: "jsonb",
});

const whole = {
  id: newId(),
  name: "",
  position: 3,
  count: -7,
  amountMinor: 1_000_000_000_000,
  isOpen: false,
  at: new Date("2026-03-01T10:00:00.123Z"),
  more: { b: [1, null, "x"], a: { c: 1.5 } },
};

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase({ service: "order" });
});
afterAll(() => database.drop());

async function taken(...given: Parameters<typeof rows>[1]): Promise<unknown[]> {
  const { sql } = database;
  return [
    ...(await sql`select id, name, position, count, "amountMinor"::float8 as "amountMinor", "isOpen", at, more
      from ${rows(sql, given)} row`),
  ];
}

test("rows arrive as they were sent, in their order", async () => {
  const many = Array.from({ length: 50 }, (_, index) => ({ ...whole, id: newId(), count: index }));
  expect(await taken(...many)).toEqual(many);
});

test("what is null or left out is NULL, in a jsonb too", async () => {
  const nothing = { id: null, name: null, position: null, count: null, amountMinor: null, isOpen: null, at: null };
  const leftOut = { ...nothing, name: undefined, at: undefined, more: undefined };
  const none = { ...nothing, more: null };
  expect(await taken(none, leftOut)).toEqual([none, none]);
  const { sql } = database;
  expect([...(await sql`select more is null as is from ${rows(sql, [leftOut])} row`)]).toEqual([{ is: true }]);
});

test.each(["'); drop table stream; --", 'a "quoted" \\ name', "null", "[1]", "Zoë 🫖 \u2028", "a\tb\nc"])(
  "the text %j is only a text",
  async (name) => {
    expect(await taken({ ...whole, name, more: name })).toEqual([{ ...whole, name, more: name }]);
  },
);

test("no rows are none", async () => {
  expect(await taken()).toEqual([]);
});

test("several sets go with other parameters into one statement", async () => {
  const { sql } = database;
  const found = await sql`
    select a.count + b.count + ${5}::int as sum
    from ${rows(sql, [whole])} a join ${rows(sql, [{ ...whole, count: 100 }])} b on a.id = b.id and a.count < ${0}::int`;
  expect([...found]).toEqual([{ sum: 98 }]);
});

test.each([
  ["id", "not a uuid"],
  ["count", 2_147_483_648],
  ["position", 1.5],
  ["at", "yesterday-ish"],
] as const)("a %s of %j fails the statement", async (name, value) => {
  const attempt = taken({ ...whole, [name]: value });
  await expect(attempt).rejects.toThrow(/invalid input|out of range/);
});

test.each([{ 'id" from stream --': "uuid" }, { "": "uuid" }, { id: "uuid)" as "uuid" }] as const)(
  "columns like %j are refused, since they are part of the statement",
  (columns) => {
    expect(() => rowSet(columns)).toThrow("names no column or type");
  },
);
