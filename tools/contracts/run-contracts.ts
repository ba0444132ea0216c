import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { UsageError } from "../install/usage-error.ts";
import { compareContracts } from "./compare-contracts.ts";
import { type Contracts, contractFiles, currentContracts, readContracts } from "./current-contracts.ts";

export type ContractOptions = {
  /** Of the repository. */
  root: string;
  isCheck: boolean;
  /** Also compares with the contracts of this commit. */
  against?: string | undefined;
  current?: Contracts;
  log?: (line: string) => void;
};

const advice = `A change that is meant to break needs a version: the first number in the service's handlers/document.ts, or the
event's in common/asyncapi/published-events.ts. See docs/contracts.md.`;

/** Writes `contracts/`, or checks that it is up to date. Returns 1, and writes nothing, when a change would break others. */
export function runContracts({
  root,
  isCheck,
  against,
  current = currentContracts(),
  log = console.log,
}: ContractOptions): number {
  const folder = join(root, "contracts");
  const written = readFolder(folder);
  const files = contractFiles(current);
  const baselines = [written, ...(against === undefined ? [] : [readCommit(root, against)])];
  const breaks = new Set(baselines.flatMap((baseline) => compareContracts(readContracts(baseline), current)));
  if (breaks.size > 0) {
    log(`This would break who uses the contracts:\n${[...breaks].map((line) => `  ${line}`).join("\n")}\n${advice}`);
    return 1;
  }
  const stale = [...files].filter(([name, text]) => written.get(name) !== text).map(([name]) => name);
  if (stale.length === 0) return 0;
  if (isCheck) {
    log(`Out of date: ${stale.map((name) => `contracts/${name}`).join(", ")}. Run: bun run contracts`);
    return 1;
  }
  mkdirSync(folder, { recursive: true });
  for (const name of stale) writeFileSync(join(folder, name), files.get(name) ?? "");
  log(`Written: ${stale.map((name) => `contracts/${name}`).join(", ")}`);
  return 0;
}

function readFolder(folder: string): Map<string, string> {
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".json")) : [];
  return new Map(names.map((name) => [name, readFileSync(join(folder, name), "utf8")]));
}

/** Empty for a commit from before there were contracts. */
function readCommit(root: string, commit: string): Map<string, string> {
  const listed = git(root, "ls-tree", "--name-only", commit, "contracts/");
  if (listed === undefined) throw new UsageError(`There is no commit ${commit} here`);
  const paths = listed.split("\n").filter((path) => path.endsWith(".json"));
  return new Map(paths.map((path) => [path.slice("contracts/".length), git(root, "show", `${commit}:${path}`) ?? ""]));
}

function git(root: string, ...args: string[]): string | undefined {
  const result = Bun.spawnSync(["git", ...args], { cwd: root, stderr: "ignore" });
  return result.exitCode === 0 ? result.stdout.toString() : undefined;
}

/** HEAD where there is one: a release unpacked from an archive has none. */
export function headOf(root: string): string | undefined {
  if (!Bun.which("git")) return undefined;
  return git(root, "rev-parse", "--verify", "--quiet", "HEAD") === undefined ? undefined : "HEAD";
}
