import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { parseEnv } from "node:util";
import { writePrivateFile } from "../../infra/private-file.ts";

/** Writes KEY='value' lines, which a shell can source as well. Values may not hold a single quote or a line break. */
export function writeEnvironmentFile(path: string, environment: Record<string, string>): void {
  const lines = Object.entries(environment).map(([name, value]) => {
    if (/['\n]/.test(value)) throw new Error(`${name} holds a quote or a line break`);
    return `${name}='${value}'`;
  });
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writePrivateFile(path, `${lines.join("\n")}\n`);
}

/** Undefined when there is no such file. */
export function readEnvironmentFile(path: string): Record<string, string> | undefined {
  if (!existsSync(path)) return undefined;
  return parseEnv(readFileSync(path, "utf8")) as Record<string, string>;
}
