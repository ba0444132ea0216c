import { type Credentials, signUp as openAccount, signIn as openSession } from "@orderflow/tools/accounts/sign-in";
import { SQL } from "bun";
import { ask } from "./ask.ts";
import type { System } from "./start-system.ts";

export const callerNames = [
  "nobody",
  "customer",
  "otherCustomer",
  "operator",
  "expiredSession",
  "revokedSession",
  "expiredKey",
  "revokedKey",
  "keyWithoutScope",
] as const;
export type CallerName = (typeof callerNames)[number];
export type Headers = Record<string, string>;
export type Callers = Record<CallerName, Headers> & { customerId: string; otherCustomerId: string };

const password = "correct horse battery";
/** What the customer's key without scope is good for: nothing that a procedure needs. */
const unusedScope = "worker:write";

/** Somebody of each kind, as the headers that a request of his carries. */
export async function makeCallers(system: System): Promise<Callers> {
  const { demo, postgres } = await system.run();
  const [customer, otherCustomer, operator, expired, revoked] = await Promise.all([
    signUp(system.gateway),
    signUp(system.gateway),
    signIn(system.gateway, demo.operator),
    signUp(system.gateway),
    signUp(system.gateway),
  ]);
  const expiredKey = await makeKey(system.gateway, customer, ["order:read", "order:write", "inventory:read"]);
  const revokedKey = await makeKey(system.gateway, customer, ["order:read", "order:write", "inventory:read"]);
  const keyWithoutScope = await makeKey(system.gateway, customer, [unusedScope]);
  await call(system.gateway, { name: "account.apiKeys.revoke", input: { apiKeyId: revokedKey.id }, headers: customer });
  await endSession(system.gateway, revoked);
  await using gateway = database(postgres.url);
  // Before anybody came with them: a key is believed for some seconds without the database.
  await gateway.sql`update api_key set expires_at = now() - interval '1 second' where id = ${expiredKey.id}`;
  const { id: expiredId } = await me(system.gateway, expired);
  await gateway.sql`update session set expires_at = now() - interval '1 second' where user_id = ${expiredId}`;
  return {
    nobody: {},
    customer,
    otherCustomer,
    operator,
    expiredSession: expired,
    revokedSession: revoked,
    expiredKey: expiredKey.headers,
    revokedKey: revokedKey.headers,
    keyWithoutScope: keyWithoutScope.headers,
    customerId: (await me(system.gateway, customer)).id,
    otherCustomerId: (await me(system.gateway, otherCustomer)).id,
  };
}

/** The headers of a new customer's session. */
export async function signUp(gateway: string): Promise<Headers> {
  const email = `${crypto.randomUUID()}@example.com`;
  return { authorization: `Bearer ${await openAccount(gateway, { email, password, name: "Ann Example" })}` };
}

async function signIn(gateway: string, account: Credentials): Promise<Headers> {
  return { authorization: `Bearer ${await openSession(gateway, account)}` };
}

export async function makeKey(
  gateway: string,
  headers: Headers,
  scopes: string[],
): Promise<{ id: string; headers: Headers }> {
  const input = { idempotencyKey: crypto.randomUUID(), name: "e2e", scopes };
  const made = (await call(gateway, { name: "account.apiKeys.create", input, headers })) as {
    apiKey: { id: string };
    key: string;
  };
  return { id: made.apiKey.id, headers: { "x-api-key": made.key } };
}

async function endSession(gateway: string, headers: Headers): Promise<void> {
  const listed = await ask(gateway, { name: "account.sessions.list", type: "query", headers });
  const { items } = listed.data as { items: { id: string }[] };
  for (const { id } of items)
    await call(gateway, { name: "account.sessions.revoke", input: { sessionId: id }, headers });
}

async function me(gateway: string, headers: Headers): Promise<{ id: string }> {
  return (await ask(gateway, { name: "account.me", type: "query", headers })).data as { id: string };
}

async function call(gateway: string, asked: { name: string; input: unknown; headers: Headers }): Promise<unknown> {
  const { status, reason, data } = await ask(gateway, { ...asked, type: "mutation" });
  if (status !== 200) throw new Error(`${asked.name} answered ${status} ${reason}`);
  return data;
}

function database(adminUrl: string) {
  const url = new URL(adminUrl);
  url.pathname = "/orderflow_gateway";
  const sql = new SQL({ url: url.href, max: 1 });
  return { sql, [Symbol.asyncDispose]: () => sql.close() };
}
