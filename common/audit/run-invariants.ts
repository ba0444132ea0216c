import type { SQL, TransactionSQL } from "bun";
import { isFault, sqlState } from "../database/sql-error.ts";
import type { Invariant } from "./invariant.ts";
import type { AuditReport, Finding } from "./report.ts";

/** `timeoutMs` is for all invariants together; those that no time is left for are told as not checked. */
export type AuditBounds = { maxExamples: number; timeoutMs: number };

const queryCanceled = "57014";

/**
 * Checks a database as of one moment, reading only, so that it may be done while the service works. A vacuum cannot
 * pass that moment meanwhile: a check of minutes belongs on a replica.
 */
export async function runInvariants(sql: SQL, invariants: Invariant[], bounds: AuditBounds): Promise<AuditReport> {
  return await sql.begin("isolation level repeatable read read only", async (tx) => {
    const [now]: { at: Date }[] = await tx`select now() as at`;
    return { takenAt: (now?.at ?? new Date()).toISOString(), invariants: await checkAll(tx, invariants, bounds) };
  });
}

/** Checks what this transaction sees. */
export async function checkAll(tx: TransactionSQL, invariants: Invariant[], bounds: AuditBounds): Promise<Finding[]> {
  const deadline = performance.now() + bounds.timeoutMs;
  const findings: Finding[] = [];
  for (const invariant of invariants) {
    findings.push(await check(tx, invariant, { ...bounds, timeoutMs: deadline - performance.now() }));
  }
  return findings;
}

type Row = { checked: string; violations: string; examples: Finding["examples"] };

async function check(tx: TransactionSQL, invariant: Invariant, bounds: AuditBounds): Promise<Finding> {
  const { name, law, kind } = invariant;
  const startedAt = performance.now();
  const finding = { name, law, kind, checked: 0, violations: 0, examples: [], failure: null };
  const elapsedMs = () => Math.round(performance.now() - startedAt);
  try {
    // A savepoint, so that a check that takes too long does not end the transaction and its moment with it.
    const [row]: Row[] = await tx.savepoint(async (step) => {
      await step.unsafe(`set local statement_timeout = ${Math.max(1, Math.round(bounds.timeoutMs))}`);
      return await step.unsafe(toQuery(invariant, bounds.maxExamples));
    });
    if (!row) throw new Error(`${name} has no answer`);
    const { checked, violations, examples } = row;
    return { ...finding, checked: Number(checked), violations: Number(violations), examples, elapsedMs: elapsedMs() };
  } catch (error) {
    const isLate = sqlState(error) === queryCanceled;
    if (!isLate && (isFault(error) || sqlState(error) === undefined)) throw error;
    const failure = isLate ? "there was no time for it" : String(error);
    return { ...finding, elapsedMs: elapsedMs(), failure };
  }
}

function toQuery({ checked, violations }: Invariant, maxExamples: number): string {
  return `
    with violation as materialized (${violations})
    select (${checked}) as checked, (select count(*) from violation) as violations,
      (select coalesce(jsonb_agg(jsonb_build_object('id', id, 'problem', problem) order by id), '[]') from
        (select id, problem from violation order by id limit ${Math.trunc(maxExamples)}) first) as examples`;
}
