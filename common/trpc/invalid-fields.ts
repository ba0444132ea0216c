const maxFields = 50;

type Issue = { message: string; path: readonly unknown[] };

/** A validator's issues by field, such as `{"lines.0.quantity": ["…"]}`; undefined when the error is of another kind. */
export function invalidFields(error: Error): Record<string, string[]> | undefined {
  const issues = issuesOf(error);
  if (issues === undefined || issues.length === 0) return undefined;
  const fields = new Map<string, string[]>();
  for (const { path, message } of issues) {
    const name = path.map(segmentName).join(".") || "input";
    const messages = fields.get(name);
    if (messages !== undefined) messages.push(message);
    else if (fields.size < maxFields) fields.set(name, [message]);
  }
  return Object.fromEntries(fields);
}

/** Zod and Standard Schema name their issues alike, but Standard Schema may wrap a path segment as `{ key }`. */
function issuesOf(error: Error): Issue[] | undefined {
  if (!("issues" in error) || !Array.isArray(error.issues)) return undefined;
  return error.issues.map((issue: { message?: unknown; path?: unknown }) => ({
    message: String(issue.message),
    path: Array.isArray(issue.path) ? issue.path : [],
  }));
}

function segmentName(segment: unknown): string {
  return typeof segment === "object" && segment !== null && "key" in segment ? String(segment.key) : String(segment);
}
