import type { SQL } from "bun";
import type { Invariant } from "../invariant.ts";
import type { Finding } from "../report.ts";
import { checkAll, runInvariants } from "../run-invariants.ts";

/** Statements that break one invariant of a database that is well. */
export type Damage = { breaks: string; by: string[] };

const bounds = { maxExamples: 5, timeoutMs: 60_000 };

/** What is found after the damage, which is undone. Only what is broken is answered, by name. */
export async function findingsAfter(
  sql: SQL,
  invariants: Invariant[],
  damage: Damage,
): Promise<Record<string, Finding>> {
  const undone = new Error("undone");
  let findings: Finding[] = [];
  try {
    await sql.begin(async (tx) => {
      for (const statement of damage.by) await tx.unsafe(statement);
      findings = await checkAll(tx, invariants, bounds);
      throw undone;
    });
  } catch (error) {
    if (error !== undone) throw error;
  }
  return broken(findings);
}

/** What is found as things are. */
export async function findingsNow(sql: SQL, invariants: Invariant[]): Promise<Record<string, Finding>> {
  return broken((await runInvariants(sql, invariants, bounds)).invariants);
}

function broken(findings: Finding[]): Record<string, Finding> {
  return Object.fromEntries(
    findings
      .filter(({ violations, failure }) => violations > 0 || failure !== null)
      .map((finding) => [finding.name, finding]),
  );
}
