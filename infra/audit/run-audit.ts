import { rename, writeFile } from "node:fs/promises";
import type { Environment } from "@orderflow/common/config/read-config";
import { readDatabaseUrls } from "../operator/database-urls.ts";
import type { AuditOptions } from "./audit-options.ts";
import { auditSystem, type SystemAudit } from "./audit-system.ts";
import { showAudit } from "./show-audit.ts";
import { toMetrics } from "./to-metrics.ts";
import { isFailing } from "./verdict.ts";

const quietMs = 2_000;
const standardOutput = "-";

/** Audits, shows and writes what was asked for. Returns the exit code: 1 when an invariant does not hold. */
export async function runAudit(options: AuditOptions, env: Environment): Promise<number> {
  const startedAt = performance.now();
  const audit = await auditSystem({
    ...options,
    urls: readDatabaseUrls(env),
    onProgress: (step) => {
      if (performance.now() - startedAt > quietMs) console.error(`checking ${step} …`);
    },
  });
  const isClean = !audit.findings.some((finding) => isFailing(finding, options.allowsDeadLetters));
  if (options.json !== standardOutput && options.metrics !== standardOutput)
    console.log(showAudit(audit, options.allowsDeadLetters));
  if (options.json) await handOver(options.json, toJson(audit, isClean));
  if (options.metrics) await handOver(options.metrics, toMetrics(audit));
  return isClean ? 0 : 1;
}

function toJson({ takenAt, elapsedMs, findings }: SystemAudit, isClean: boolean): string {
  return `${JSON.stringify({ takenAt, elapsedMs, isClean, invariants: findings }, null, 2)}\n`;
}

/** Whoever reads it meanwhile sees the old file or the new one, never half of it. */
async function handOver(path: string, text: string): Promise<void> {
  if (path === standardOutput) {
    await Bun.write(Bun.stdout, text);
    return;
  }
  const unfinished = `${path}.${process.pid}.tmp`;
  await writeFile(unfinished, text);
  await rename(unfinished, path);
}
