import { dirname, join } from "node:path";
import ts from "typescript";
import { writeType } from "./write-type.ts";

const folder = join(import.meta.dir, "..");
const entry = join(folder, "main.ts");
const api = join(folder, "api.ts");

/**
 * The declarations of the package by file name, `main.d.ts` first. Those of `api.ts` are written out, because they follow
 * from the services' routers, which are not published.
 */
export function writeDeclarations(): Map<string, string> {
  const program = ts.createProgram([entry], compilerOptions());
  const written = new Map([["api.d.ts", apiDeclarations(program)]]);
  const wanted = ["main.d.ts"];
  for (let name = wanted.shift(); name !== undefined; name = wanted.shift()) {
    const text = written.get(name) ?? emit(program, name);
    written.set(name, text);
    for (const [, next] of text.matchAll(/from "\.\/([^"]+)\.js"/g)) {
      if (!written.has(`${next}.d.ts`)) wanted.push(`${next}.d.ts`);
    }
  }
  return written;
}

/** One file's declarations, with specifiers as they are beside JavaScript. */
function emit(program: ts.Program, name: string): string {
  let emitted: string | undefined;
  const source = program.getSourceFile(join(folder, name.replace(/\.d\.ts$/, ".ts")));
  program.emit(
    source,
    (_path, text) => {
      emitted = text;
    },
    undefined,
    true,
  );
  if (source === undefined || emitted === undefined) throw new Error(`no declarations were made for ${name}`);
  return emitted.replaceAll(/(from ")(\.\/[^"]+)\.ts"/g, '$1$2.js"');
}

function compilerOptions(): ts.CompilerOptions {
  const path = join(folder, "../tsconfig.json");
  const { config } = ts.readConfigFile(path, ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent({ ...config, files: [entry], include: [] }, ts.sys, dirname(path));
  return { ...options, noEmit: false, declaration: true, emitDeclarationOnly: true };
}

function apiDeclarations(program: ts.Program): string {
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(api);
  const named = new Set(["Query", "Mutation", "Subscription"]);
  const typeOf = (name: string): string => {
    const declaration = source?.statements.find((each) => ts.isTypeAliasDeclaration(each) && each.name.text === name);
    if (!declaration) throw new Error(`api.ts declares no ${name}`);
    return writeType(checker.getTypeAtLocation(declaration), { checker, named });
  };
  return [
    'import type { Mutation, Query, Subscription } from "./calls.js";',
    "/** Everything that can be asked. */",
    `export type Api = ${typeOf("Api")};`,
    "/** Why a call failed. */",
    `export type Reason = ${typeOf("Reason")};`,
    "",
  ].join("\n");
}
