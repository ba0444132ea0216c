import { join } from "node:path";
import { repositoryRoot } from "../../embedded/repository-root.ts";

export type ChildAudit = { isClean: boolean; invariants: number; violations: string[]; output: string };

type AuditJson = {
  isClean: boolean;
  invariants: {
    name: string;
    violations: number;
    failure: string | null;
    examples: { id: string; problem: string }[];
  }[];
};

/** `bun run audit --settled` on the system in this state folder, as an operator runs it. */
export async function runChildAudit(state: string): Promise<ChildAudit> {
  const json = join(state, "audit.json");
  const child = Bun.spawn([process.execPath, "tools/commands/audit.ts", "--settled", "--json", json], {
    cwd: repositoryRoot,
    env: { ...process.env, ORDERFLOW_STATE: state, NO_COLOR: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [output, errors] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  const exitCode = await child.exited;
  if (!(await Bun.file(json).exists()))
    return {
      isClean: false,
      invariants: 0,
      violations: [`the audit ended with ${exitCode}: ${errors.slice(-2_000)}`],
      output,
    };
  const { isClean, invariants }: AuditJson = await Bun.file(json).json();
  const violations = invariants
    .filter(({ violations: count, failure }) => count > 0 || failure !== null)
    .map(
      ({ name, violations: count, failure, examples }) =>
        `${name}: ${failure ?? count} ${JSON.stringify(examples[0] ?? "")}`,
    );
  return { isClean: isClean && exitCode === 0, invariants: invariants.length, violations, output };
}
