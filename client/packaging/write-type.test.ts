import { beforeAll, expect, test } from "bun:test";
import ts from "typescript";
import { writeType } from "./write-type.ts";

const good = [
  ["type It = { a: string; b?: number | null };", "{ a: string; b?: undefined | null | number; }"],
  ["type It = Omit<{ a: 1; b: 'x' }, 'a'> & { c?: boolean };", '{ b: "x"; c?: undefined | boolean; }'],
  ["type It = Array<{ a: string }> | [string, number];", "Array<{ a: string; }> | [string, number]"],
  ["type It = { [name: string]: string[] };", "{ [name: string]: Array<string>; }"],
  ["type It = { 'a-b': unknown; c: never };", '{ "a-b": unknown; c: never; }'],
  ["type Named<In> = { call(given: In): void }; type It = { a: Named<{ b: 1 }> };", "{ a: Named<{ b: 1; }>; }"],
] as const;
const bad = [
  ["type It = { a: Date };", "a is a Date"],
  ["type It = { a: { call(): void } };", "a.call is a function"],
  ["type It = { a?: It };", "nested deeper than 30"],
] as const;

const sources = new Map([...good, ...bad].map(([source], index) => [`/it-${index}.ts`, `export {}; ${source}`]));
let program: ts.Program;

// One program for all: reading the library's own types takes seconds.
beforeAll(() => {
  const host = ts.createCompilerHost({});
  const read = host.getSourceFile.bind(host);
  host.getSourceFile = (name, version) => {
    const source = sources.get(name);
    return source === undefined ? read(name, version) : ts.createSourceFile(name, source, version);
  };
  const options = { strict: true, lib: ["lib.es5.d.ts"], types: [] };
  program = ts.createProgram([...sources.keys()], options, host);
}, 60_000);

/** How `It` of this source is written. */
function written(source: string): string {
  const [path = ""] = [...sources].find(([, text]) => text.endsWith(source)) ?? [];
  const statement = program.getSourceFile(path)?.statements.findLast(ts.isTypeAliasDeclaration);
  if (!statement) throw new Error("the source declares no type");
  const checker = program.getTypeChecker();
  const text = writeType(checker.getTypeAtLocation(statement), { checker, named: new Set(["Named"]) });
  return text.replaceAll(/\s+/g, " ");
}

test.each(good)("%s stands alone", (source, expected) => {
  expect(written(source)).toBe(expected);
});

test.each(bad)("%s is refused", (source, message) => {
  expect(() => written(source)).toThrow(message);
});
