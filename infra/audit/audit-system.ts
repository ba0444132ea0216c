import { auditServices } from "./audit-services.ts";
import { checkCursors } from "./check-cursors.ts";
import { checkEventIds } from "./check-event-ids.ts";
import { checkJobs } from "./check-jobs.ts";
import { compareDatabases } from "./compare-databases.ts";
import { dossierInvariants, settledInvariants } from "./dossier-invariants.ts";
import { auditedServices } from "./parts-sql.ts";
import { connect, type DatabaseUrls, mapServices } from "./snapshots.ts";
import type { AuditFinding } from "./tally.ts";

export type SystemAudit = { takenAt: string; elapsedMs: number; findings: AuditFinding[] };

export type SystemAuditOptions = {
  urls: DatabaseUrls;
  isSettled: boolean;
  maxExamples: number;
  timeoutMs: number;
  onProgress?: (step: string) => void;
};

/** Together far longer than a pause between two snapshots, and than a commit takes. */
const recheckDelaysMs = [250, 500, 1_000, 2_000];

/** Checks all databases, reading only. Rejects when one cannot be reached. */
export async function auditSystem(options: SystemAuditOptions): Promise<SystemAudit> {
  const { urls, isSettled, maxExamples, timeoutMs, onProgress = () => {} } = options;
  const takenAt = new Date().toISOString();
  const startedAt = performance.now();
  onProgress("each service's own database");
  const findings = await auditServices(options);
  onProgress("cursors against logs");
  findings.push(
    ...(await withConnections(options, (connections) => checkCursors({ connections, maxExamples, isSettled }))),
  );
  const compared = await compareDatabases({
    urls,
    statementTimeoutMs: timeoutMs,
    invariants: isSettled ? [...dossierInvariants, ...settledInvariants] : dossierInvariants,
    maxExamples,
    recheckDelaysMs,
    onProgress: (orders) => orders % 10_000 === 0 && onProgress(`orders across databases: ${orders}`),
  });
  findings.push(...compared);
  onProgress("ids of events");
  findings.push(await withConnections(options, (connections) => checkEventIds(connections, maxExamples)));
  if (isSettled) findings.push(await withConnections(options, (connections) => checkJobs(connections, maxExamples)));
  return { takenAt, elapsedMs: Math.round(performance.now() - startedAt), findings };
}

type Connections = ReturnType<typeof mapServices<ReturnType<typeof connect>>>;

async function withConnections<T>(
  { urls, timeoutMs }: SystemAuditOptions,
  work: (connections: Connections) => Promise<T>,
): Promise<T> {
  const connections = mapServices((service) => connect(urls[service], timeoutMs));
  try {
    return await work(connections);
  } finally {
    await Promise.all(auditedServices.map((service) => connections[service].end({ timeout: 0 })));
  }
}
