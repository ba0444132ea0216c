import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "@orderflow/tools/testing/temporary-folder";

/** What drizzle-kit writes, with these statements: a migration of each. */
export async function migrationsFolder(...statements: string[]): Promise<string> {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "meta"));
  const entries = statements.map((_, idx) => ({
    idx,
    version: "7",
    when: 1_700_000_000_000 + idx,
    tag: `000${idx}_step`,
    breakpoints: true,
  }));
  await Bun.write(join(folder, "meta/_journal.json"), JSON.stringify({ version: "7", dialect: "postgresql", entries }));
  for (const [at, statement] of statements.entries()) await Bun.write(join(folder, `000${at}_step.sql`), statement);
  return folder;
}
