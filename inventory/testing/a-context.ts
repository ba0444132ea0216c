import { newId } from "@orderflow/common/ids";
import { createTestDatabase } from "@orderflow/tools/testing/test-database";
import { testEnvironment } from "@orderflow/tools/testing/test-environment";
import { readInventoryConfig } from "../config.ts";
import { type Context, createContext } from "../context.ts";

/** A context on a database of its own. `another` makes a further instance of the service on the same database. */
export async function aContext(env: Record<string, string> = {}) {
  const database = await createTestDatabase({ service: "inventory" });
  const environment = await testEnvironment({ service: "inventory", databaseUrl: database.url });
  const opened: Context[] = [];
  const another = async () => {
    const config = readInventoryConfig({ ...environment, INSTANCE: `inventory-${newId()}`, ...env });
    const context = await createContext(config);
    opened.push(context);
    return context;
  };
  return {
    context: await another(),
    database,
    another,
    drop: async () => {
      for (const context of opened) await context.close();
      await database.drop();
    },
  };
}
