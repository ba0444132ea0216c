import { expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { repositoryRoot } from "../embedded/repository-root.ts";
import { temporaryFolder } from "../testing/temporary-folder.ts";
import { unsafeStatements } from "./sql-safety.ts";

test("no statement of a service is put together from anything but values", () => {
  expect(unsafeStatements(repositoryRoot)).toEqual([]);
});

test.each([
  ["await sql.unsafe(input);", "sql.unsafe"],
  ["await tx.unsafe(text, values);", "sql.unsafe"],
  ["const order = sql.raw(input.orderBy);", "sql.raw"],
  ["const column = sql.identifier(input.column);", "sql.identifier"],
  ["await sql.file(path);", "sql.file"],
  ["await sql`select * from $" + "{sql(input.table)}`;", "an identifier that is not written out: sql(name)"],
  ["await tx`update stock set $" + "{tx(changes)}`;", "an identifier that is not written out: sql(name)"],
])("%s is named", (line, rule) => {
  const root = temporaryFolder();
  mkdirSync(join(root, "order/repositories"), { recursive: true });
  writeFileSync(join(root, "order/repositories/planted.ts"), `// A line before it.\n${line}\n`);
  expect(unsafeStatements(root)).toEqual([`order/repositories/planted.ts:2 ${rule}`]);
});
