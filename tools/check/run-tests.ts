import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { repositoryRoot, stateFolder } from "../embedded/repository-root.ts";

/** Runs `bun test`, shows what it shows, and adds up its report. Returns its exit code. */
export async function runTests(args: string[]): Promise<number> {
  const folder = join(stateFolder, "test");
  mkdirSync(folder, { recursive: true });
  const report = join(folder, `report-${process.pid}.xml`);
  const command = [process.execPath, "test", "--reporter=junit", `--reporter-outfile=${report}`, ...args];
  const child = Bun.spawn(command, { cwd: repositoryRoot, stdio: ["inherit", "inherit", "inherit"] });
  const exitCode = await child.exited;
  const text = existsSync(report) ? readFileSync(report, "utf8") : "";
  rmSync(report, { force: true });
  console.log(summaryLine(text, exitCode));
  return exitCode;
}

/** `12 passed, 1 failed, 2 skipped`. A run that failed without a failed test (a crash) counts as one. */
export function summaryLine(report: string, exitCode: number): string {
  const totals = report.match(/<testsuites [^>]*>/)?.[0] ?? "";
  const count = (name: string) => Number(totals.match(new RegExp(` ${name}="(\\d+)"`))?.[1] ?? 0);
  const [tests, failures, skipped] = [count("tests"), count("failures"), count("skipped")];
  const failed = Math.max(failures, exitCode === 0 ? 0 : 1);
  const parts = [
    `${tests - failures - skipped} passed`,
    `${failed} failed`,
    ...(skipped > 0 ? [`${skipped} skipped`] : []),
  ];
  return parts.join(", ");
}
