import type { Finding } from "@orderflow/common/audit/report";

/** What the audit says of one invariant, and of whose databases. */
export type AuditFinding = Finding & { databases: string[] };

type Subject = Pick<AuditFinding, "name" | "law" | "databases"> & { kind?: Finding["kind"] };

/** Counts what one invariant looked at and what it found, and keeps the first few of that. */
export function createTally({ name, law, databases, kind = "law" }: Subject, maxExamples: number) {
  const finding: AuditFinding = {
    ...{ name, law, databases, kind },
    ...{ checked: 0, violations: 0, examples: [], elapsedMs: 0, failure: null },
  };
  return {
    looked: (count = 1) => {
      finding.checked += count;
    },
    took: (elapsedMs: number) => {
      finding.elapsedMs += elapsedMs;
    },
    found(id: string, problem: string): void {
      finding.violations += 1;
      if (finding.examples.length < maxExamples) finding.examples.push({ id, problem });
    },
    finding: (): AuditFinding => ({ ...finding, elapsedMs: Math.round(finding.elapsedMs) }),
  };
}

export type Tally = ReturnType<typeof createTally>;
