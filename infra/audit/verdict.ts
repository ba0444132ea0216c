import type { AuditFinding } from "./tally.ts";

/** Whether this is a reason to say that the audit failed. */
export function isFailing({ kind, violations, failure }: AuditFinding, allowsDeadLetters: boolean): boolean {
  if (failure !== null) return true;
  return violations > 0 && !(kind === "attention" && allowsDeadLetters);
}
