import { type LinterFinding, lintMigration } from "./lint-migration.ts";
import { createdTables, readStatements, type Statement, targetOf } from "./read-statements.ts";

/** A statement that may stop the previous release at its work. `line` counts from 1. */
export type Danger = { line: number; rule: string; says: string };

/** What the linter has no rule for. */
const ownRules: { rule: string; pattern: RegExp; says: string }[] = [
  { rule: "lock-table", pattern: /^\s*lock\b/i, says: "It holds the lock until the migration ends." },
  {
    rule: "change-of-rows",
    pattern: /^\s*(?:with\b[\s\S]*\)\s*)?(?:update|delete\s+from|merge\s+into)\b/i,
    says: "It locks every row it changes until the migration ends: do it in batches, by a job of the new release.",
  },
  { rule: "truncate", pattern: /^\s*truncate\b/i, says: "The previous release still reads these rows." },
  {
    rule: "rewrite",
    pattern:
      /^\s*(?:cluster\b|vacuum\s*(?:full|\(\s*full)|alter\s+table[\s\S]*\bset\s+(?:tablespace|logged|unlogged|access))/i,
    says: "It rewrites the table, and nobody reads it meanwhile.",
  },
  {
    rule: "serial-column",
    pattern: /\badd\s+(?:column\s+)?(?:if\s+not\s+exists\s+)?"?\w+"?\s+(?:small|big)?serial\b/i,
    says: "Its default is volatile, so the table is rewritten.",
  },
  {
    rule: "drop",
    pattern: /^\s*drop\s+(?:view|materialized|sequence|type|domain|schema|function|procedure|trigger)\b/i,
    says: "The previous release may still use it.",
  },
  {
    rule: "trigger",
    pattern: /^\s*create\s+(?:or\s+replace\s+)?(?:constraint\s+)?trigger\b/i,
    says: "It changes what the statements of the previous release do, and waits for all of them.",
  },
];

/** `-- deliberate: the table has a row per service`, right above the statement. */
const deliberate = /^deliberate:\s*\S.{9,}/;

/** Each dangerous statement of a migration for which no reason is given. A table that the same file makes is in no danger. */
export async function dangersOf(text: string): Promise<Danger[]> {
  const statements = readStatements(text);
  const created = createdTables(statements);
  const findings = await lintMigration(text);
  return statements.flatMap((statement) => {
    if (created.has(targetOf(statement) ?? "")) return [];
    const dangers = [...named(statement, findings), ...matched(statement)];
    return statement.comments.some((comment) => deliberate.test(comment)) ? [] : dangers;
  });
}

function named({ firstLine, lastLine }: Statement, findings: LinterFinding[]): Danger[] {
  return findings
    .filter(({ line }) => line >= firstLine && line <= lastLine)
    .map(({ line, rule, says }) => ({ line: line + 1, rule, says }));
}

function matched({ sql, firstLine }: Statement): Danger[] {
  return ownRules
    .filter(({ pattern }) => pattern.test(sql))
    .map(({ rule, says }) => ({ line: firstLine + 1, rule, says }));
}
