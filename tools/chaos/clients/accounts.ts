import type { AppRouter } from "@orderflow/gateway/router";
import { createTRPCClient, httpLink, type TRPCClient } from "@trpc/client";

type FetchEsque = NonNullable<Parameters<typeof httpLink<AppRouter>>[0]["fetch"]>;
type ResponseEsque = Awaited<ReturnType<FetchEsque>>;

export type Shop = TRPCClient<AppRouter>;

/** Somebody who is signed in, and stays so. */
export type Account = { index: number; shop: Shop };

type Credentials = { email: string; password: string; name?: string };

const callTimeoutMs = 10_000;
const signInTimeoutMs = 10_000;
/** Half of what a token lives. */
const renewAfterMs = 420_000;

export async function openAccounts(
  gateway: string,
  { customers, operator }: { customers: number; operator: Credentials },
): Promise<{ customers: Account[]; operator: Account }> {
  const all = Array.from({ length: customers }, (_, index) => {
    const email = `chaos-${index}@example.com`;
    return openAccount(gateway, {
      index,
      credentials: { email, password: crypto.randomUUID(), name: `Client ${index}` },
    });
  });
  return {
    customers: await Promise.all(all),
    operator: await openAccount(gateway, { index: -1, credentials: operator }),
  };
}

type NewAccount = { index: number; credentials: Credentials };

async function openAccount(gateway: string, { index, credentials }: NewAccount): Promise<Account> {
  const session = await signIn(gateway, credentials);
  let token = await tokenOf(gateway, session);
  let renewedAt = performance.now();
  async function headers(): Promise<{ authorization: string }> {
    if (performance.now() - renewedAt > renewAfterMs) {
      renewedAt = performance.now();
      token = await tokenOf(gateway, session).catch(() => token);
    }
    return { authorization: `Bearer ${token}` };
  }
  const link = httpLink({
    url: `${gateway}/trpc`,
    headers,
    fetch: fetchInTime,
  });
  return { index, shop: createTRPCClient<AppRouter>({ links: [link] }) };
}

/** As a client in the field, which does not wait for ever. */
const fetchInTime: FetchEsque = async (input, init) => {
  const answer: unknown = await fetch(String(input), {
    ...init,
    signal: AbortSignal.timeout(callTimeoutMs),
  } as RequestInit);
  return answer as ResponseEsque;
};

/** Whoever has a name is new here. */
async function signIn(gateway: string, { email, password, name }: Credentials): Promise<string> {
  if (name) await ask(`${gateway}/auth/sign-up/email`, { email, password, name });
  const answer = await ask(`${gateway}/auth/sign-in/email`, { email, password });
  const session = answer.headers.get("set-auth-token");
  if (!session) throw new Error(`${email} got no session`);
  return session;
}

async function ask(url: string, body: object): Promise<Response> {
  const answer = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(signInTimeoutMs),
  });
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${await answer.text()}`);
  return answer;
}

async function tokenOf(gateway: string, session: string): Promise<string> {
  const headers = { authorization: `Bearer ${session}` };
  const answer = await fetch(`${gateway}/auth/token`, { headers, signal: AbortSignal.timeout(signInTimeoutMs) });
  const { token } = (await answer.json()) as { token?: string };
  if (!token) throw new Error(`no token was given: ${answer.status}`);
  return token;
}
