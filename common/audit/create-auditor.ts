import type { SQL } from "bun";
import type { Invariant } from "./invariant.ts";
import type { AuditReport } from "./report.ts";
import { runInvariants } from "./run-invariants.ts";

const bounds = { maxExamples: 10, timeoutMs: 8_000 };

/** Checks this service's database. Whoever asks while a check is under way shares its answer: there is one at a time. */
export type Auditor = () => Promise<AuditReport>;

/** A check may take 8 s, less than a call through the gateway may. */
export function createAuditor(sql: SQL, invariants: Invariant[]): Auditor {
  let running: Promise<AuditReport> | undefined;
  return () => {
    running ??= runInvariants(sql, invariants, bounds).finally(() => {
      running = undefined;
    });
    return running;
  };
}
