import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { repositoryRoot } from "../embedded/repository-root.ts";
import { lastBeforeFirstRelease } from "./migration-baseline.ts";
import { dangersOf } from "./migration-safety.ts";

const files = [...new Bun.Glob("*/repositories/migrations/*.sql").scanSync({ cwd: repositoryRoot })].filter((file) => {
  const [service = ""] = file.split("/");
  return basename(file, ".sql") > (lastBeforeFirstRelease[service] ?? "");
});

const dangers = await Promise.all(
  files
    .sort()
    .map(async (file) => ({ file, found: await dangersOf(readFileSync(join(repositoryRoot, file), "utf8")) })),
);
for (const { file, found } of dangers)
  for (const { line, rule, says } of found) console.log(`error: ${file}:${line} ${rule}: ${says}`);
const isSafe = dangers.every(({ found }) => found.length === 0);
if (!isSafe) console.log("What to do instead, and how to give a reason: docs/upgrades.md");
process.exitCode = isSafe ? 0 : 1;
