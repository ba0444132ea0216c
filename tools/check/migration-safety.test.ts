import { describe, expect, test } from "bun:test";
import { dangersOf } from "./migration-safety.ts";
import { readStatements } from "./read-statements.ts";

const rulesOf = async (sql: string) => [...new Set((await dangersOf(sql)).map(({ rule }) => rule))];

describe("a statement that may stop the release before it", () => {
  test.concurrent.each([
    [`CREATE INDEX "i" ON "order_line" USING btree ("sku");`, "require-concurrent-index-creation"],
    [`CREATE INDEX CONCURRENTLY "i" ON "order_line" ("sku");`, "ban-concurrent-index-creation-in-transaction"],
    [`DROP INDEX "i";`, "require-concurrent-index-deletion"],
    [`ALTER TABLE "stock" ALTER COLUMN "location" SET NOT NULL;`, "adding-not-nullable-field"],
    [`ALTER TABLE "stock" ALTER COLUMN "reserved" SET DATA TYPE bigint;`, "changing-column-type"],
    [`ALTER TABLE "stock" ADD COLUMN "at" uuid DEFAULT gen_random_uuid() NOT NULL;`, "adding-field-with-default"],
    [`ALTER TABLE "stock" ADD COLUMN "place" text NOT NULL;`, "adding-required-field"],
    [`ALTER TABLE "stock" ADD COLUMN "n" serial;`, "serial-column"],
    [`ALTER TABLE "stock" DROP COLUMN "location";`, "ban-drop-column"],
    [`DROP TABLE "stock";`, "ban-drop-table"],
    [`DROP VIEW "stock_view";`, "drop"],
    [`ALTER TABLE "stock" RENAME COLUMN "sku" TO "code";`, "renaming-column"],
    [`ALTER TABLE "stock" RENAME TO "shelf";`, "renaming-table"],
    [
      `ALTER TABLE "stock" ADD CONSTRAINT "f" FOREIGN KEY ("sku") REFERENCES "product"("sku");`,
      "adding-foreign-key-constraint",
    ],
    [`ALTER TABLE "stock" ADD CONSTRAINT "c" CHECK ("reserved" >= 0);`, "constraint-missing-not-valid"],
    [`ALTER TABLE "stock" ADD CONSTRAINT "u" UNIQUE ("sku");`, "disallowed-unique-constraint"],
    [`ALTER TABLE "stock" SET LOGGED;`, "rewrite"],
    [`LOCK TABLE "stock" IN EXCLUSIVE MODE;`, "lock-table"],
    [`UPDATE "stock" SET "reserved" = 0;`, "change-of-rows"],
    [`WITH old AS (SELECT 1)\nDELETE FROM "stock" WHERE "sku" = 'x';`, "change-of-rows"],
    [`TRUNCATE "stock";`, "truncate"],
    [`CREATE TRIGGER "t" BEFORE UPDATE ON "stock" FOR EACH ROW EXECUTE FUNCTION "f"();`, "trigger"],
    [`ALTER TABL "stock";`, "syntax-error"],
  ])("is named: %s", async (sql, rule) => {
    expect(await rulesOf(`CREATE TABLE "other" ("id" uuid);--> statement-breakpoint\n${sql}`)).toContain(rule);
  });
});

test.concurrent.each([
  `CREATE TABLE "shelf" ("id" uuid PRIMARY KEY, "n" integer);`,
  `ALTER TABLE "stock" ADD COLUMN "note" text;`,
  `ALTER TABLE "stock" ADD COLUMN "n" integer DEFAULT 3 NOT NULL;`,
  `ALTER TABLE "stock" ADD CONSTRAINT "c" CHECK ("reserved" >= 0) NOT VALID;`,
  `ALTER TABLE "stock" SET (fillfactor = 50);`,
  `INSERT INTO "shelf" VALUES (1);`,
])("is no danger: %s", async (sql) => {
  expect(await dangersOf(sql)).toEqual([]);
});

test("what touches a table that the same migration makes is no danger, whatever it does", async () => {
  const made = `CREATE TABLE "shelf" ("id" uuid, "n" integer);--> statement-breakpoint\n`;
  const touches = [
    `CREATE INDEX "i" ON "shelf" USING btree ("n");`,
    `ALTER TABLE "public"."shelf" ALTER COLUMN "n" SET NOT NULL;`,
    `UPDATE "shelf" SET "n" = 1;`,
    `CREATE TRIGGER "t" BEFORE UPDATE ON "shelf" FOR EACH ROW EXECUTE FUNCTION "f"();`,
  ];
  expect(await dangersOf(made + touches.join("--> statement-breakpoint\n"))).toEqual([]);
});

test("a danger is accepted with a reason right above it, and only there", async () => {
  const update = `UPDATE "stream" SET "head" = 0;`;
  const reason = "-- deliberate: the table has one row for each stream.\n";
  expect(await dangersOf(reason + update)).toEqual([]);
  expect(await rulesOf(`${reason}SELECT 1;\n${update}`)).toEqual(["change-of-rows"]);
  expect(await rulesOf(`-- deliberate:\n${update}`)).toEqual(["change-of-rows"]);
  expect(await rulesOf(`-- The table has one row for each stream.\n${update}`)).toEqual(["change-of-rows"]);
});

test("a danger is named with its line", async () => {
  const [danger] = await dangersOf(`CREATE TABLE "shelf" ("id" uuid);\n\nDROP TABLE "stock";\n`);
  expect(danger).toMatchObject({ line: 3, rule: "ban-drop-table" });
});

test("a function's body is one statement", () => {
  const sql = `CREATE FUNCTION f() RETURNS void LANGUAGE sql AS $$\nUPDATE a SET b = 1;\nSELECT 1;\n$$;\nSELECT 2;`;
  expect(readStatements(sql).map(({ firstLine, lastLine }) => [firstLine, lastLine])).toEqual([
    [0, 3],
    [4, 4],
  ]);
});
