import type { SQL } from "bun";
import { generateDrizzleJson, generateMigration } from "drizzle-kit/api";

/** Makes the tables of a Drizzle schema in an empty database, for code that belongs to no service and has no migrations. */
export async function createTables(sql: SQL, schema: Record<string, unknown>): Promise<void> {
  const statements = await generateMigration(generateDrizzleJson({}), generateDrizzleJson(schema));
  for (const statement of statements) await sql.unsafe(statement);
}
