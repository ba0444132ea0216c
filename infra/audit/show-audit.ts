import { colour } from "../command-line/colour.ts";
import { textTable } from "../command-line/text-table.ts";
import type { SystemAudit } from "./audit-system.ts";
import type { AuditFinding } from "./tally.ts";
import { isFailing } from "./verdict.ts";

/** The table of invariants, and below it what is wrong, in words. */
export function showAudit({ findings, elapsedMs }: SystemAudit, allowsDeadLetters: boolean): string {
  const header = ["invariant", "databases", "checked", "violations", "ms"];
  const rows = findings.map((finding) => [
    finding.name,
    finding.databases.join(", "),
    finding.checked.toLocaleString("en"),
    finding.failure === null ? finding.violations.toLocaleString("en") : "not checked",
    finding.elapsedMs.toLocaleString("en"),
  ]);
  const wrong = findings.filter(({ violations, failure }) => violations > 0 || failure !== null);
  const failing = findings.filter((finding) => isFailing(finding, allowsDeadLetters));
  const seconds = (elapsedMs / 1_000).toFixed(1);
  const verdict =
    failing.length === 0
      ? colour("green", `All invariants hold (${findings.length}, ${seconds} s).`)
      : colour("red", `${failing.length} of ${findings.length} invariants do not hold (${seconds} s).`);
  return [textTable([header, ...rows]), ...wrong.map(describe), verdict].join("\n\n");
}

function describe({ name, databases, kind, law, violations, examples, failure }: AuditFinding): string {
  const title = colour("bold", `${databases.join(", ")}: ${name}${kind === "attention" ? " (attention)" : ""}`);
  if (failure !== null) return `${title}\n  ${law}\n  Not checked: ${failure}`;
  const shown = examples.map(({ id, problem }) => `  ${id}  ${problem}`);
  const rest = violations - examples.length;
  return [title, `  ${law}`, ...shown, ...(rest > 0 ? [`  … and ${rest} more`] : [])].join("\n");
}
