import { randomBytes } from "node:crypto";
import { ConfigError } from "@orderflow/common/config/read-config";
import { connectDatabase } from "@orderflow/common/database/connect-database";
import { newId } from "@orderflow/common/ids";
import { leaveMisconfigured } from "@orderflow/common/service/run-service";
import type { SQL } from "bun";
import { z } from "zod";
import { readMigrationConfig } from "./config.ts";
import { hashPassword } from "./handlers/authentication/password.ts";

const usage = "Usage: bun gateway/make-operator.ts EMAIL [NAME]";
const Arguments = z.tuple([z.email().max(254).toLowerCase(), z.string().min(1).max(200).default("Operator")]);

/**
 * Makes an account an operator's. One that is there keeps its password and its sessions; for one that is made here the
 * password, chosen at random, is the answer. Safe to repeat.
 */
export async function makeOperator(
  sql: SQL,
  { email, name }: { email: string; name: string },
): Promise<string | undefined> {
  const password = randomBytes(18).toString("base64url");
  const hash = await hashPassword(password);
  return sql.begin(async (tx) => {
    const [made]: { id: string }[] = await tx`
      insert into "user" (id, email, name, role, email_verified) values (${newId()}, ${email}, ${name}, 'operator', true)
      on conflict (email) do nothing returning id`;
    if (!made) {
      await tx`update "user" set role = 'operator', updated_at = now() where email = ${email}`;
      return undefined;
    }
    await tx`
      insert into account (id, account_id, provider_id, user_id, password)
      values (${newId()}, ${made.id}, 'credential', ${made.id}, ${hash})`;
    return password;
  });
}

async function run(words: string[]): Promise<void> {
  const parsed = Arguments.safeParse([words[0], words[1]]);
  if (!parsed.success || words.length > 2) throw new ConfigError([`${usage}, with an e-mail address`]);
  const [email, name] = parsed.data;
  const sql = connectDatabase({ url: readMigrationConfig().databaseUrl, max: 1, name: "gateway-make-operator" });
  try {
    const password = await makeOperator(sql, { email, name });
    console.log(
      password ? `Made ${email} with the password ${password}` : `${email} is an operator; the password is as it was`,
    );
  } finally {
    await sql.close();
  }
}

if (import.meta.main) {
  try {
    await run(process.argv.slice(2));
  } catch (error) {
    if (error instanceof ConfigError) leaveMisconfigured(error);
    throw error;
  }
}
