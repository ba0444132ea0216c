import { drizzleAdapter } from "better-auth/adapters/drizzle";
import type { SQL } from "bun";
import { drizzle } from "drizzle-orm/bun-sql";
import * as schema from "./schema.ts";

/** Where better-auth keeps users, sessions, passwords and signing keys. */
export function accountsStore(sql: SQL) {
  return drizzleAdapter(drizzle({ client: sql }), { provider: "pg", schema });
}
