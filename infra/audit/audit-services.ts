import { join, resolve } from "node:path";
import { AuditReport } from "@orderflow/common/audit/report";
import { childEnvironment } from "../command-line/child-environment.ts";
import { variableOf } from "../operator/database-urls.ts";
import { UsageError } from "../usage-error.ts";
import { type AuditedService, auditedServices } from "./parts-sql.ts";
import type { DatabaseUrls } from "./snapshots.ts";
import type { AuditFinding } from "./tally.ts";

const root = resolve(import.meta.dir, "../..");

type Options = { urls: DatabaseUrls; maxExamples: number; timeoutMs: number };

/** Asks each service what it says of its own database, by its own `audit.ts`: only it knows what its tables mean. */
export async function auditServices(options: Options): Promise<AuditFinding[]> {
  return (await Promise.all(auditedServices.map((service) => auditService(service, options)))).flat();
}

async function auditService(service: AuditedService, options: Options): Promise<AuditFinding[]> {
  const { urls, maxExamples, timeoutMs } = options;
  const child = Bun.spawn(
    [process.execPath, "audit.ts", "--examples", String(maxExamples), "--timeout-ms", String(timeoutMs)],
    {
      cwd: join(root, service),
      env: { ...childEnvironment(), [variableOf(service)]: urls[service] },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  const [exitCode, output, errors] = await Promise.all([
    child.exited,
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  if (exitCode !== 0) throw new UsageError(`${service}/audit.ts failed with exit code ${exitCode}:\n${errors.trim()}`);
  const { invariants } = AuditReport.parse(JSON.parse(output));
  return invariants.map((finding) => ({ ...finding, databases: [service] }));
}
