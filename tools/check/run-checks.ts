import { join } from "node:path";
import { repositoryRoot } from "../embedded/repository-root.ts";
import { colour } from "../format/colour.ts";
import { textTable } from "../format/text-table.ts";
import { lendTypescript } from "./lend-typescript.ts";
import { checks, type StaticCheck } from "./static-checks.ts";

type Result = { name: string; hasPassed: boolean; elapsedMs: number; output: string };

/** Runs all static checks at once and prints a line for each, below the full words of those that failed or warn. */
export async function runChecks(): Promise<number> {
  lendTypescript();
  const results = await Promise.all(checks.map(runCheck));
  for (const { name, output } of results.filter(
    ({ hasPassed, output: words }) => !hasPassed || words.startsWith("warning: "),
  )) {
    console.log(`${colour("bold", `── ${name}`)}\n${output.trim()}\n`);
  }
  const rows = results.map((result) => [
    result.name,
    result.hasPassed ? "passed" : "FAILED",
    `${(result.elapsedMs / 1_000).toFixed(1)} s`,
  ]);
  console.log(textTable(rows));
  return results.every((result) => result.hasPassed) ? 0 : 1;
}

async function runCheck({ name, script, args }: StaticCheck): Promise<Result> {
  const startedAt = performance.now();
  // By Bun itself, so that neither Node nor a PATH is needed.
  const command = [process.execPath, "--bun", join(repositoryRoot, "node_modules", script), ...args];
  const env = { ...process.env, ...(process.stdout.isTTY ? { FORCE_COLOR: "1" } : {}) };
  const child = Bun.spawn(command, { cwd: repositoryRoot, env, stdio: ["ignore", "pipe", "pipe"] });
  const [exitCode, output, errors] = await Promise.all([
    child.exited,
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  return { name, hasPassed: exitCode === 0, elapsedMs: performance.now() - startedAt, output: `${output}${errors}` };
}
