/** `line` counts from 0. */
export type LinterFinding = { line: number; rule: string; says: string };

type Reported = { line: number; rule_name: string; message: string };

/** Rules of taste, and those that our way to migrate answers: once, in one transaction, with a limit on waiting for locks. */
const excluded = [
  "prefer-bigint-over-int",
  "prefer-bigint-over-smallint",
  "prefer-identity",
  "prefer-repack",
  "prefer-robust-stmts",
  "prefer-text-field",
  "prefer-timestamp-tz",
  "require-lock-timeout",
  "require-statement-timeout",
  "require-enum-value-ordering",
  "ban-char-field",
];

/** What squawk says of a migration, for the oldest PostgreSQL that we support. Rejects when squawk does not run here. */
export async function lintMigration(text: string): Promise<LinterFinding[]> {
  const linter = Bun.resolveSync("squawk-cli/js/bin/squawk", import.meta.dir);
  const options = ["--reporter", "json", "--pg-version", "15.0", "--assume-in-transaction"];
  const child = Bun.spawn([process.execPath, "--bun", linter, ...options, "--exclude", excluded.join(",")], {
    stdin: new Blob([text]),
    stdout: "pipe",
    stderr: "pipe",
  });
  const [output, errors] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  const exitCode = await child.exited;
  // 1 says that it found something.
  if (exitCode > 1 || output.trim() === "") throw new Error(`squawk ended with ${exitCode}: ${errors.trim()}`);
  const reported = JSON.parse(output) as Reported[];
  return reported.map(({ line, rule_name: rule, message: says }) => ({ line, rule, says }));
}
