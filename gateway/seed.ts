import { connectDatabase } from "@orderflow/common/database/connect-database";
import { newId } from "@orderflow/common/ids";
import type { SQL } from "bun";
import { readSeedConfig } from "./config.ts";
import { hashPassword, verifyPassword } from "./handlers/authentication/password.ts";

type DemoAccount = { email: string; name: string; role: "customer" | "operator"; password: string };

/** Makes the demo accounts, or resets theirs to the given passwords, which also ends their sessions. Safe to repeat. */
export async function seedAccounts(
  sql: SQL,
  passwords: { customerPassword: string; operatorPassword: string },
): Promise<void> {
  await seedAccount(sql, {
    email: "customer@example.com",
    name: "Demo Customer",
    role: "customer",
    password: passwords.customerPassword,
  });
  await seedAccount(sql, {
    email: "operator@example.com",
    name: "Demo Operator",
    role: "operator",
    password: passwords.operatorPassword,
  });
}

async function seedAccount(sql: SQL, { email, name, role, password }: DemoAccount): Promise<void> {
  const hash = await hashPassword(password);
  await sql.begin(async (tx) => {
    const [user]: { id: string }[] = await tx`
      insert into "user" (id, email, name, role, email_verified) values (${newId()}, ${email}, ${name}, ${role}, true)
      on conflict (email) do update set role = excluded.role, updated_at = now() returning id`;
    if (!user) throw new Error(`The account ${email} was not stored`);
    const [known]: { id: string; password: string }[] = await tx`
      select id, password from account where user_id = ${user.id} and provider_id = 'credential'`;
    if (known && (await verifyPassword({ hash: known.password, password }))) return;
    if (known) await tx`update account set password = ${hash}, updated_at = now() where id = ${known.id}`;
    else
      await tx`
      insert into account (id, account_id, provider_id, user_id, password) values (${newId()}, ${user.id}, 'credential', ${user.id}, ${hash})`;
    await tx`delete from session where user_id = ${user.id}`;
  });
}

if (import.meta.main) {
  const { databaseUrl, ...passwords } = readSeedConfig();
  const sql = connectDatabase({ url: databaseUrl, max: 1, name: "gateway-seed" });
  await seedAccounts(sql, passwords);
  await sql.close();
}
