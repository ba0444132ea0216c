import type { SystemAudit } from "./audit-system.ts";
import type { AuditFinding } from "./tally.ts";

type Sample = { labels?: Record<string, string>; value: number };

/** The text format of Prometheus. An invariant that could not be checked has no violations there, and none that it lacks. */
export function toMetrics({ findings, elapsedMs, takenAt }: SystemAudit): string {
  const perInvariant = (measure: (finding: AuditFinding) => number) => (finding: AuditFinding) => ({
    labels: { invariant: finding.name, databases: finding.databases.join(","), kind: finding.kind },
    value: measure(finding),
  });
  const checked = findings.filter(({ failure }) => failure === null);
  return [
    gauge(
      "orderflow_audit_violations",
      "What breaks an invariant",
      checked.map(perInvariant((each) => each.violations)),
    ),
    gauge(
      "orderflow_audit_checked",
      "What an invariant was held against",
      checked.map(perInvariant((each) => each.checked)),
    ),
    gauge(
      "orderflow_audit_unchecked",
      "1 for an invariant that could not be checked",
      findings.map(perInvariant((each) => Number(each.failure !== null))),
    ),
    gauge("orderflow_audit_duration_seconds", "How long the audit took", [{ value: elapsedMs / 1_000 }]),
    gauge("orderflow_audit_timestamp_seconds", "When the audit began", [{ value: Date.parse(takenAt) / 1_000 }]),
  ].join("");
}

function gauge(name: string, help: string, samples: Sample[]): string {
  const lines = samples.map(({ labels = {}, value }) => `${name}${toLabels(labels)} ${value}\n`);
  return `# HELP ${name} ${help}\n# TYPE ${name} gauge\n${lines.join("")}`;
}

function toLabels(labels: Record<string, string>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return pairs.length > 0 ? `{${pairs.join(",")}}` : "";
}
