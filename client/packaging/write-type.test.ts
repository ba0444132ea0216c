import { expect, test } from "bun:test";
import ts from "typescript";
import { writeType } from "./write-type.ts";

/** How `It` of this source is written. */
function written(source: string): string {
  const path = "/it.ts";
  const host = ts.createCompilerHost({});
  const read = host.getSourceFile.bind(host);
  host.getSourceFile = (name, version) =>
    name === path ? ts.createSourceFile(path, source, version) : read(name, version);
  const program = ts.createProgram(
    [path],
    { strict: true, exactOptionalPropertyTypes: true, target: ts.ScriptTarget.ESNext },
    host,
  );
  const statement = program.getSourceFile(path)?.statements.findLast(ts.isTypeAliasDeclaration);
  if (!statement) throw new Error("the source declares no type");
  const checker = program.getTypeChecker();
  return writeType(checker.getTypeAtLocation(statement), { checker, named: new Set(["Named"]) }).replaceAll(
    /\s+/g,
    " ",
  );
}

test.each([
  ["type It = { a: string; b?: number | null };", "{ a: string; b?: null | number; }"],
  ["type Of = { a: 1 }; type It = Omit<{ a: 1; b: 'x' }, 'a'> & { c?: boolean };", '{ b: "x"; c?: boolean; }'],
  ["type It = Array<{ a: string }> | [string, number];", "Array<{ a: string; }> | [string, number]"],
  ["type It = { [name: string]: string[] };", "{ [name: string]: Array<string>; }"],
  ["type It = { 'a-b': unknown; c: never };", '{ "a-b": unknown; c: never; }'],
  [
    "type Named<In> = { call(given: In): void }; type It = { a: Named<{ b: string }> };",
    "{ a: Named<{ b: string; }>; }",
  ],
])("%s", (source, expected) => {
  expect(written(source)).toBe(expected);
});

test.each(["type It = { a: Date };", "type It = { a: { call(): void } };"])("%s is refused by its place", (source) => {
  expect(() => written(source)).toThrow(/^a(\.call)? is a/);
});

test("a type that holds itself is refused rather than written for ever", () => {
  expect(() => written("type It = { a?: It };")).toThrow("nested deeper than 30");
});
