import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Ways to put text into a statement that is not one of its values. */
const rules = {
  "sql.unsafe": /\.unsafe\(/,
  "sql.raw": /\b(?:sql|tx)\.raw\(/,
  "sql.identifier": /\bsql\.identifier\(/,
  "sql.file": /\b(?:sql|tx)\.file\(/,
  "an identifier that is not written out: sql(name)": /\b(?:sql|tx)\(/,
};

/** Where a statement is put together from more than values, each with the reason. */
const exceptions: Record<string, string> = {
  "gateway/repositories/shared-counters.ts": "runs the constant statements of rate-limiter-flexible",
  "common/audit/run-invariants.ts": "runs the invariants' own constant queries, with a number in them",
  "common/database/row-set.ts": "names columns and types, of letters, digits and underscores alone",
};

const rooms = "{gateway,order,inventory,notify,worker,common}/**/*.ts";

/** Each line of the services that could let input into the text of a statement, as `file:line rule`. */
export function unsafeStatements(root: string): string[] {
  const files = [...new Bun.Glob(rooms).scanSync({ cwd: root })].filter(
    (file) => !/node_modules|\.test\.ts$|\/testing\//.test(file) && !Object.hasOwn(exceptions, file),
  );
  return files.sort().flatMap((file) =>
    readFileSync(join(root, file), "utf8")
      .split("\n")
      .flatMap((line, index) =>
        Object.entries(rules)
          .filter(([, pattern]) => pattern.test(line))
          .map(([rule]) => `${file}:${index + 1} ${rule}`),
      ),
  );
}
