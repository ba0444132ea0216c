/** A statement of a migration, with the lines (from 0) it covers and the comments right before it. */
export type Statement = { sql: string; comments: string[]; firstLine: number; lastLine: number };

/**
 * Splits a migration where Drizzle does, at `--> statement-breakpoint`, and further at semicolons that end a line, but
 * not within the body of a function.
 */
export function readStatements(text: string): Statement[] {
  const statements: Statement[] = [];
  let comments: string[] = [];
  let open: Statement | undefined;
  let isInBody = false;
  for (const [number, line] of text.split("\n").entries()) {
    const [code = "", ...rest] = line.split("--> statement-breakpoint");
    const isComment = !open && code.trim().startsWith("--");
    if (isComment) comments.push(code.trim().replace(/^--\s*/, ""));
    if (!isComment && (code.trim() !== "" || open)) {
      open ??= { sql: "", comments, firstLine: number, lastLine: number };
      open.sql += `${code}\n`;
      open.lastLine = number;
      if ((code.match(/\$\w*\$/g)?.length ?? 0) % 2 === 1) isInBody = !isInBody;
    }
    const isEnd = rest.length > 0 || (!isInBody && code.trimEnd().endsWith(";"));
    if (!isEnd || !open) continue;
    statements.push(open);
    [open, comments, isInBody] = [undefined, [], false];
  }
  return open ? [...statements, open] : statements;
}

const name = String.raw`(?:"?public"?\.)?"?(\w+)"?`;
const targets = [
  new RegExp(String.raw`^\s*alter\s+table\s+(?:if\s+exists\s+)?(?:only\s+)?${name}`, "i"),
  new RegExp(String.raw`^\s*create\s+(?:unique\s+)?index\s+(?:concurrently\s+)?[^()]*?\bon\s+(?:only\s+)?${name}`, "i"),
  new RegExp(String.raw`^\s*update\s+(?:only\s+)?${name}`, "i"),
  new RegExp(String.raw`^\s*delete\s+from\s+(?:only\s+)?${name}`, "i"),
  new RegExp(String.raw`^\s*(?:lock|truncate)\s+(?:table\s+)?(?:only\s+)?${name}`, "i"),
  new RegExp(String.raw`^\s*create\s+(?:or\s+replace\s+)?(?:constraint\s+)?trigger\b[\s\S]*?\bon\s+${name}`, "i"),
];

/** The table that a statement changes or locks; undefined when it is none of these. */
export function targetOf({ sql }: Statement): string | undefined {
  for (const pattern of targets) {
    const [, table] = pattern.exec(sql) ?? [];
    if (table) return table.toLowerCase();
  }
  return undefined;
}

const creation = new RegExp(
  String.raw`^\s*create\s+(?:unlogged\s+|temp(?:orary)?\s+)?table\s+(?:if\s+not\s+exists\s+)?${name}`,
  "i",
);

/** The tables that these statements make: nobody uses them yet. */
export function createdTables(statements: Statement[]): Set<string> {
  return new Set(statements.flatMap(({ sql }) => creation.exec(sql)?.[1]?.toLowerCase() ?? []));
}
