import type { AppRouter } from "@orderflow/gateway/router";
import { createTRPCClient, httpLink, type TRPCClient } from "@trpc/client";
import { type Credentials, signIn, signUp, tokenOf } from "../../accounts/sign-in.ts";

type FetchEsque = NonNullable<Parameters<typeof httpLink<AppRouter>>[0]["fetch"]>;
type ResponseEsque = Awaited<ReturnType<FetchEsque>>;

export type Shop = TRPCClient<AppRouter>;

/** Somebody who is signed in, and stays so. */
export type Account = { index: number; shop: Shop };

const callTimeoutMs = 10_000;
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

/** Whoever has a name is new here. */
type NewAccount = { index: number; credentials: Credentials & { name?: string } };

async function openAccount(gateway: string, { index, credentials }: NewAccount): Promise<Account> {
  const { name } = credentials;
  const session = await (name === undefined ? signIn(gateway, credentials) : signUp(gateway, { ...credentials, name }));
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
